import { describe, expect, it } from 'vitest';
import cacheClassifier from '../../../src/nodes/free/cache-classifier.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { embedding } from '../embedding.ts';

const texts = [
  embedding([1, 0, 0], 'cat'),
  embedding([0, 1, 0], 'dog'),
  embedding([0, 0, 1], 'dog'),
  embedding([-1, 0, 0], 'bird'),
];
const shots = [
  embedding([3, 4, 0], 'shots/dog/1.png'),
  embedding([4, 3, 0], 'shots/dog/2.png'),
  embedding([0, 2, 0], 'shots/cat/1.png'),
];
const image = embedding([4, 3, 0], 'photo.png', { logitScale: 2 });

describe('free/cache-classifier', () => {
  it('adds what shots say to what labels say', async () => {
    const { scores } = await runNode(cacheClassifier, { alpha: 3, beta: 2 }, { image, shots, texts });
    const near = (cosine: number) => Math.exp(-2 * (1 - cosine));
    const logits = {
      cat: 2 * 0.8 + 3 * near(0.6),
      // Two prompts: the direction between them.
      dog: (2 * 0.6) / Math.SQRT2 + 3 * (near(0.96) + near(1)),
      bird: -2 * 0.8,
    };
    const total = Object.values(logits).reduce((sum, logit) => sum + Math.exp(logit), 0);
    expect(scores).toMatchObject({ normalized: true, subject: 'photo.png' });
    expect(scores.entries.map(({ label }) => label)).toEqual(['dog', 'cat', 'bird']);
    for (const { label, score } of scores.entries) {
      expect(score).toBeCloseTo(Math.exp(logits[label as keyof typeof logits]) / total, 5);
    }
  });

  it('is zero-shot classification where shots have no weight', async () => {
    const { scores } = await runNode(cacheClassifier, { alpha: 0 }, { image, shots, texts });
    expect(scores.entries[0]?.label).toBe('cat');
  });

  it('takes the class from the label where it is one', async () => {
    const labelled = [embedding([4, 3, 0], 'bird')];
    const { scores } = await runNode(
      cacheClassifier,
      { classOf: 'label', alpha: 50 },
      { image, shots: labelled, texts },
    );
    expect(scores.entries[0]?.label).toBe('bird');
  });

  it('refuses shots of no class that is asked about, and empty sides', async () => {
    const strange = [embedding([1, 0, 0], 'shots/fish/1.png')];
    const error = await failure(runNode(cacheClassifier, {}, { image, shots: strange, texts }));
    expect(error).toMatchObject({ code: 'run/bad-input' });
    expect(error.message).toContain('class "fish"');
    for (const empty of [
      { image, shots: [], texts },
      { image, shots, texts: [] },
    ]) {
      expect(await failure(runNode(cacheClassifier, {}, empty))).toMatchObject({ code: 'run/bad-input' });
    }
  });
});
