/** head/zero-shot: which of the given labels fits a picture best. Must not know any model: embeddings come in. */
import { defineNode } from '../define.ts';
import { directionsOf } from '../label-directions.ts';
import { inSlices } from '../time-slices.ts';
import { dot, expectSameSpace, normalise, softmax } from '../vectors.ts';

/** Of checkpoints that tell no scale of their own: CLIP's, exp(logit_scale) = 100. */
const USUAL_TEMPERATURE = 0.01;

export default defineNode({
  type: 'head/zero-shot',
  version: 1,
  title: 'Zero-shot classification',
  summary: 'Probabilities of text labels for a picture, from embeddings of one space.',
  doc: `Text embeddings are grouped by their label (one label may have many prompts) and compared with the image embedding:

- \`mean\`: the prompts of a label are scaled to length 1, averaged and scaled to length 1 again; its similarity is the
  cosine with that direction.
- \`max\`: its similarity is the highest cosine of its prompts.

Scores are softmax(cosine / temperature) over the labels, best first, and add up to 1.

Errors: \`run/bad-input\` when no text comes, or one of another space.`,
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (CLIP)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  params: {
    temperature: {
      kind: 'number',
      doc: "Cosines are divided by it before the softmax; smaller is more certain. Left out: the checkpoint's own, 1 / exp(logit_scale).",
      optional: true,
      min: 1e-6,
      max: 1e6,
      advanced: true,
    },
    ensemble: {
      kind: 'choice',
      doc: 'How the prompts of one label are joined: mean of their directions, or the best of them.',
      options: ['mean', 'max'],
      default: 'mean',
      advanced: true,
    },
  },
  inputs: {
    image: { type: { kind: 'Embedding', space: { variable: 'space' } }, doc: 'Embedding of the picture.' },
    texts: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of all prompts, in the same space.',
      whole: true,
    },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each label, best first.' } },
  async run({ params, inputs: { image, texts }, context: { signal } }) {
    expectSameSpace(image, texts, 'texts');
    const groups = await directionsOf(texts, params.ensemble, signal);
    const picture = normalise(image.data);
    const similarities: number[] = [];
    await inSlices(groups.length, signal, (index) => {
      const { directions } = groups[index]!;
      similarities.push(directions.reduce((best, one) => Math.max(best, dot(picture, one)), Number.NEGATIVE_INFINITY));
    });
    const scale = image.logitScale ?? texts[0]?.logitScale ?? 1 / USUAL_TEMPERATURE;
    const temperature = params.temperature ?? 1 / scale;
    const probabilities = softmax(similarities.map((similarity) => similarity / temperature));
    const entries = groups
      .map(({ label }, index) => ({ label, score: probabilities[index]! }))
      .sort((a, b) => b.score - a.score);
    const subject = image.label === undefined ? {} : { subject: image.label };
    return { scores: { kind: 'Scores', entries, normalized: true, ...subject } };
  },
});
