import { describe, expect, it } from 'vitest';
import captionRetrieval from '../../../src/nodes/free/caption-retrieval.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { embedding } from '../embedding.ts';

const captions = [
  embedding([0, 2], 'it points up'),
  embedding([5, 5], 'it points between'),
  embedding([-1, 0], 'left'),
];

describe('free/caption-retrieval', () => {
  it('captions a picture with the nearest sentence, by cosine', async () => {
    const image = embedding([3, 4], 'photo.png');
    const { caption, scores } = await runNode(captionRetrieval, { best: 2 }, { image, captions });
    expect(caption).toMatchObject({ kind: 'Caption', text: 'it points between' });
    expect(caption.score).toBeCloseTo(7 / 5 / Math.SQRT2, 6);
    expect(scores).toMatchObject({ normalized: false, subject: 'photo.png' });
    expect(scores.entries.map(({ label }) => label)).toEqual(['it points between', 'it points up']);
    // The second picture meets what was moved for the first.
    const second = await runNode(captionRetrieval, {}, { image: embedding([-2, 0]), captions });
    expect(second.caption.text).toBe('left');
    expect(second.scores.entries).toHaveLength(3);
  });

  it('refuses no captions, and those of another space', async () => {
    const image = embedding([3, 4]);
    const other = [embedding([1, 0], 'x', { space: 'elsewhere' } as never)];
    for (const given of [[], other]) {
      expect(await failure(runNode(captionRetrieval, {}, { image, captions: given }))).toMatchObject({
        code: 'run/bad-input',
      });
    }
  });
});
