/** free/cache-classifier: zero-shot classification that few labelled pictures correct. Must not know any model. */
import { WeftError } from '../../errors.ts';
import type { EmbeddingValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { nearestOf } from '../gallery.ts';
import { directionsOf } from '../label-directions.ts';
import { dot, expectSameSpace, normalise, softmax } from '../vectors.ts';

/** Of checkpoints that tell no scale of their own: CLIP's, exp(logit_scale) = 100. */
const USUAL_SCALE = 100;

export default defineNode({
  type: 'free/cache-classifier',
  version: 1,
  title: 'Few-shot cache classifier',
  summary: 'Classifies a picture by labels and a few labelled pictures, without training.',
  doc: `Tip-Adapter without training (section 3.1 of the paper). Labelled pictures, the shots, are a cache: each adds to its class how near the picture
is to it, and zero-shot classification adds what the label says:

    logit(c) = scale * cos(f, w_c) + alpha * sum over the shots i of c of exp(-beta * (1 - cos(f, f_i)))

f and f_i are embeddings of pictures; w_c is the mean of the directions of a label's prompts, at length 1; scale is the checkpoint's
exp(logit_scale), 100 where it tells none. Scores are softmax(logit), best first. A class may have no shots.

A shot's class is the name of the folder it lies in (\`shots/red ring/3.png\`), or with \`classOf: label\` its whole label.

Errors: \`run/bad-input\` when a side is empty or of another space, and for a shot of a class that no text is labelled with.`,
  paper: {
    title: 'Tip-Adapter: Training-free Adaption of CLIP for Few-shot Classification',
    url: 'https://arxiv.org/abs/2207.09519',
  },
  params: {
    alpha: {
      kind: 'number',
      doc: 'Weight of the shots against the label texts; 0 is zero-shot.',
      default: 1,
      min: 0,
      max: 1000,
    },
    beta: { kind: 'number', doc: 'How fast a shot counts less with distance.', default: 5.5, min: 0, max: 1000 },
    classOf: {
      kind: 'choice',
      doc: 'Where the class of a shot stands.',
      options: ['folder', 'label'],
      default: 'folder',
    },
  },
  inputs: {
    image: { type: { kind: 'Embedding', space: { variable: 'space' } }, doc: 'Embedding of the picture.' },
    shots: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of the labelled pictures, named by their files.',
      whole: true,
    },
    texts: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of all prompts of all labels.',
      whole: true,
    },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each class, best first.' } },
  async run({ params: { alpha, beta, classOf }, inputs: { image, shots, texts }, context: { signal } }) {
    expectSameSpace(image, texts, 'texts');
    const scale = image.logitScale ?? texts[0]?.logitScale ?? USUAL_SCALE;
    const picture = normalise(image.data);
    const logits = new Map<string, number>();
    for (const { label, directions } of await directionsOf(texts, 'mean', signal)) {
      logits.set(label, scale * dot(picture, directions[0]!));
    }
    for (const { index, cosine } of await nearestOf(
      image,
      { embeddings: shots, socket: 'shots' },
      shots.length,
      signal,
    )) {
      const label = classify(shots[index]!, classOf);
      const logit = logits.get(label);
      if (logit === undefined) {
        const expected = `shots of the classes ${[...logits.keys()].join(', ').slice(0, 500)}`;
        throw new WeftError('run/bad-input', { expected, socket: 'shots', received: `one of class "${label}"` });
      }
      logits.set(label, logit + alpha * Math.exp(-beta * (1 - cosine)));
    }
    const probabilities = softmax([...logits.values()]);
    const entries = [...logits.keys()]
      .map((label, index) => ({ label, score: probabilities[index]! }))
      .sort((a, b) => b.score - a.score);
    const subject = image.label === undefined ? {} : { subject: image.label };
    return { scores: { kind: 'Scores', entries, normalized: true, ...subject } };
  },
});

function classify({ label = '' }: EmbeddingValue, classOf: 'folder' | 'label'): string {
  return classOf === 'label' ? label : (label.split('/').at(-2) ?? '');
}
