import { describe, expect, it } from 'vitest';
import pickImage from '../../../src/nodes/head/pick-image.ts';
import { runNode } from '../call-node.ts';
import { embedding } from '../embedding.ts';
import { picture } from '../fake-family.ts';

const pictures = [picture('right.png'), picture('up.png'), picture('up again.png')];
const images = [embedding([1, 0]), embedding([0, 9]), embedding([0, 1])];

describe('head/pick-image', () => {
  it('gives the picture that fits best, the first of equal ones', async () => {
    const found = await runNode(pickImage, {}, { pictures, images, text: embedding([1, 3], 'up') });
    expect(found.image).toBe(pictures[1]);
    expect(found.scores).toMatchObject({ subject: 'up', entries: [{ label: 'up.png' }] });
    expect(found.scores.entries[0]!.score).toBeCloseTo(3 / Math.sqrt(10), 6);
  });

  it('refuses no pictures, other numbers of embeddings and other spaces', async () => {
    const text = embedding([1, 0]);
    const run = (inputs: object) => runNode(pickImage, {}, { pictures, images, text, ...inputs });
    await expect(run({ pictures: [], images: [] })).rejects.toMatchObject({ code: 'run/bad-input' });
    await expect(run({ images: images.slice(1) })).rejects.toMatchObject({ code: 'run/bad-input' });
    const strange = [...images.slice(1), embedding([1, 0], undefined, { space: 'another' })];
    await expect(run({ images: strange })).rejects.toMatchObject({ code: 'run/bad-input' });
  });
});
