import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/head/contrastive-loss.ts';
import type { EmbeddingValue } from '../../../src/protocol/value.ts';
import { runNode } from '../call-node.ts';

const embedding = (...data: number[]): EmbeddingValue => ({
  ...{ kind: 'Embedding', space: 'test', data: Float32Array.from(data) },
  logitScale: 2,
});
const images = [embedding(3, 0), embedding(0, 1)];
const texts = [embedding(1, 0), embedding(1, 1)];

describe('head/contrastive-loss', () => {
  it('is the mean cross entropy of both directions, over cosines times the scale', async () => {
    const { losses } = await runNode(node, {}, { images, texts });
    const diagonal = 2 * Math.SQRT1_2;
    // Cosines: [1, r], [0, r] with r = sqrt(1/2); the scale is 2.
    const cost = (right: number, wrong: number) => Math.log1p(Math.exp(wrong - right));
    const imageToText = (cost(2, diagonal) + cost(diagonal, 0)) / 2;
    const textToImage = (cost(2, 0) + cost(diagonal, diagonal)) / 2;
    expect(losses.columns).toEqual(['measure', 'value']);
    const values = Object.fromEntries(losses.rows.map(([name, value]) => [name, Number(value)]));
    expect(values['image to text']).toBeCloseTo(imageToText, 6);
    expect(values['text to image']).toBeCloseTo(textToImage, 6);
    expect(values.loss).toBeCloseTo((imageToText + textToImage) / 2, 6);
  });

  it('takes a temperature of its own', async () => {
    const { losses } = await runNode(node, { temperature: 1e-3 }, { images, texts: [texts[0]!, embedding(0, 9)] });
    expect(Number(losses.rows[0]![1])).toBeCloseTo(0, 6);
  });

  it('refuses pairs without a partner, other spaces, and none at all', async () => {
    for (const given of [
      { images, texts: [texts[0]!] },
      { images, texts: [texts[0]!, { ...texts[1]!, space: 'other' }] },
      { images: [], texts: [] },
    ]) {
      await expect(runNode(node, {}, given)).rejects.toMatchObject({ code: 'run/bad-input' });
    }
  });
});
