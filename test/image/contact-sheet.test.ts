import { describe, expect, it } from 'vitest';
import { drawContactSheet } from '../../src/image/contact-sheet.ts';
import { encodePng } from '../../src/image/encode.ts';

const black = () => encodePng({ data: new Uint8Array(4 * 2 * 3), width: 4, height: 2 });

describe('drawContactSheet', () => {
  it('puts each picture whole into its square, row by row, and leaves blanks', async () => {
    const sheet = await drawContactSheet([await black(), new Uint8Array(), await black()], {
      side: 8,
      columns: 2,
      name: 'n',
    });
    expect(sheet).toMatchObject({ kind: 'Image', width: 28, height: 28, name: 'n' });
    const at = (x: number, y: number) => sheet.data[(y * sheet.width + x) * 3];
    // 4 x 2 in a square of 8: white above and below.
    expect([at(8, 8), at(8, 5), at(20, 8), at(8, 20), at(1, 1)]).toEqual([0, 255, 255, 0, 255]);
  });

  it('draws nothing as one blank square', async () => {
    const sheet = await drawContactSheet([], { side: 8, columns: 2 });
    expect([sheet.width, sheet.height]).toEqual([16, 16]);
    expect(sheet.data.every((byte) => byte === 255)).toBe(true);
  });
});
