/** head/contrastive-loss: what a batch of pairs costs a model of two towers. Must not know any model. */

import { WeftError } from '../../errors.ts';
import { contrastiveLoss } from '../../models/objectives/contrastive.ts';
import { defineNode } from '../define.ts';
import { measures } from '../measures.ts';
import { expectSameSpace } from '../vectors.ts';

/** Of checkpoints that tell no scale of their own: CLIP's, exp(logit_scale) = 100. */
const USUAL_TEMPERATURE = 0.01;

export default defineNode({
  type: 'head/contrastive-loss',
  version: 1,
  title: 'Contrastive loss',
  summary: 'How well pictures find their texts, and texts their pictures, in a batch of pairs.',
  doc: `Picture i belongs to text i and to no other. With s = 1 / temperature and cosines of the embeddings,

    image to text = -1/n sum_i ln(exp(s cos(i, i)) / sum_j exp(s cos(i, j)))

text to image likewise with rows and columns exchanged; the loss is their mean (InfoNCE). 0 is perfect, ln n is guessing.

Errors: \`run/bad-input\` for other spaces, no pairs, or not as many texts as pictures; \`native/bad-argument\` for an embedding of
length 0.`,
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (CLIP)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  params: {
    temperature: {
      kind: 'number',
      optional: true,
      min: 1e-6,
      max: 1e6,
      advanced: true,
      doc: "Cosines are divided by it. Left out: the checkpoint's own, 1 / exp(logit_scale).",
    },
  },
  inputs: {
    images: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of all pictures of the batch.',
      whole: true,
    },
    texts: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of their texts, in the same order.',
      whole: true,
    },
  },
  outputs: { losses: { type: { kind: 'Table' }, doc: 'The loss and its two directions, in nats.' } },
  async run({ params, inputs: { images, texts } }) {
    expectSameSpace(images[0], [...images, ...texts], 'texts');
    if (images.length !== texts.length) {
      const expected = `${images.length} texts, one for each picture`;
      throw new WeftError('run/bad-input', { expected, socket: 'texts', received: texts.length });
    }
    const scale = 1 / (params.temperature ?? 1 / (images[0]?.logitScale ?? 1 / USUAL_TEMPERATURE));
    const pairs = { images: images.map(({ data }) => data), texts: texts.map(({ data }) => data) };
    const { loss, imageToText, textToImage } = contrastiveLoss(pairs, { scale });
    return { losses: measures({ loss, 'image to text': imageToText, 'text to image': textToImage }) };
  },
});
