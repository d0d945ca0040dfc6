/** head/zero-shot: which of the given labels fits a picture best. Must not know any model: embeddings come in. */
import type { EmbeddingValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { dot, expectSameSpace, meanDirection, normalise, softmax } from '../vectors.ts';

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
  async run({ params, inputs: { image, texts } }) {
    expectSameSpace(image, texts, 'texts');
    const picture = normalise(image.data);
    const labels = [...groupByLabel(texts)].map(([label, prompts]) => {
      const similarity =
        params.ensemble === 'mean'
          ? dot(picture, meanDirection(prompts))
          : Math.max(...prompts.map((prompt) => dot(picture, prompt)));
      return { label, similarity };
    });
    const scale = image.logitScale ?? texts[0]?.logitScale ?? 1 / USUAL_TEMPERATURE;
    const temperature = params.temperature ?? 1 / scale;
    const probabilities = softmax(labels.map(({ similarity }) => similarity / temperature));
    const entries = labels
      .map(({ label }, index) => ({ label, score: probabilities[index]! }))
      .sort((a, b) => b.score - a.score);
    const subject = image.label === undefined ? {} : { subject: image.label };
    return { scores: { kind: 'Scores', entries, normalized: true, ...subject } };
  },
});

/** Unit vectors of the prompts of each label, labels in order of appearance. */
function groupByLabel(texts: readonly EmbeddingValue[]): Map<string, Float64Array[]> {
  const groups = new Map<string, Float64Array[]>();
  texts.forEach((text, index) => {
    const label = text.label ?? `text ${index + 1}`;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [normalise(text.data)]);
    else group.push(normalise(text.data));
  });
  return groups;
}
