import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import { decodeImage } from '../../../src/image/decode.ts';
import saveImage from '../../../src/nodes/sink/image.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { drawnPicture } from '../drawn-picture.ts';

const image = drawnPicture(16, 8, 'photos/cat.jpg');
const boxes = {
  kind: 'Boxes',
  boxes: [{ x: 2, y: 2, width: 8, height: 4, label: 'cat', score: 0.9 }],
  imageWidth: 16,
  imageHeight: 8,
} as const;
const scores = {
  kind: 'Scores',
  entries: ['a', 'b', 'c'].map((label) => ({ label, score: 1 / 3 })),
  normalized: true,
} as const;

function filesIn(folder: string) {
  return createFileAccess({ bases: [folder], uploadFolder: folder, outputFolder: join(folder, 'out') });
}

describe('sink/image', () => {
  it('draws, shows and saves the picture under its own name, overwriting nothing', async () => {
    const folder = temporaryFolder();
    const files = filesIn(folder);
    const inputs = { image, boxes, masks: undefined, scores: undefined };
    const made = await runNode(saveImage, {}, inputs, { files });
    expect(made.image).toMatchObject({ width: 480, height: 240, name: 'photos/cat.jpg' });
    await runNode(saveImage, {}, inputs, { files });
    await runNode(saveImage, { file: 'shown', format: 'jpeg' }, inputs, { files });
    const out = join(folder, 'out');
    expect(readdirSync(out).sort()).toEqual(['photos-cat-2.png', 'photos-cat.png', 'shown.jpg']);
    const saved = await decodeImage(readFileSync(join(out, 'photos-cat.png')));
    expect(Uint8Array.from(saved.data)).toEqual(made.image.data);
    const shown = await decodeImage(readFileSync(join(out, 'shown.jpg')));
    expect([shown.width, shown.height]).toEqual([480, 240]);
  });

  it('adds a bar for the best scores only', async () => {
    const files = createFileAccess({ bases: [temporaryFolder()], uploadFolder: temporaryFolder() });
    const heights: number[] = [];
    for (const maxScores of [0, 1, 2]) {
      const made = await runNode(
        saveImage,
        { maxScores },
        { image, boxes: undefined, masks: undefined, scores },
        { files },
      );
      heights.push(made.image.height);
    }
    expect(heights[0]).toBe(240);
    expect(heights[1]).toBeGreaterThan(240);
    expect(heights[2]).toBeGreaterThan(heights[1]!);
  });

  it('draws masks over the picture, and refuses masks of another size', async () => {
    const files = createFileAccess({ bases: [temporaryFolder()], uploadFolder: temporaryFolder() });
    const masks = (width: number, height: number) =>
      ({
        kind: 'Masks',
        ...{ width, height },
        masks: [{ label: 'cat', score: 1, data: new Uint8Array(width * height).fill(1) }],
      }) as const;
    const draw = (width: number, height: number) =>
      runNode(
        saveImage,
        { minSide: 0 },
        { image, boxes: undefined, masks: masks(width, height), scores: undefined },
        { files },
      );
    const made = await draw(16, 8);
    expect(made.image).toMatchObject({ width: 16, height: 8 });
    expect(made.image.data).not.toEqual(image.data);
    await expect(draw(8, 8)).rejects.toMatchObject({
      code: 'run/bad-input',
      message: expect.stringMatching(/16 x 8.*8 x 8/s),
    });
  });

  it('leaves a picture as it is when there is nothing to draw', async () => {
    const files = createFileAccess({ bases: [temporaryFolder()], uploadFolder: temporaryFolder() });
    const made = await runNode(
      saveImage,
      { minSide: 0 },
      { image, boxes: undefined, masks: undefined, scores: undefined },
      { files },
    );
    expect(made.image).toEqual(image);
  });
});
