/** Ink to light, by hand; pictures are compared with Pillow's by test/parity. */
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../src/image/decode.ts';
import { lightOfInk } from '../../src/image/ink.ts';
import { fixturePicture } from './pictures.ts';

describe('lightOfInk', () => {
  it('takes away what each ink and black cover', async () => {
    const ink = [0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 99, 90, 105, 113];
    expect([...(await lightOfInk(Uint8Array.from(ink)))]).toEqual([255, 255, 255, 0, 255, 255, 0, 0, 0, 87, 92, 84]);
  });

  it('converts every pixel of a large picture', async () => {
    const pixels = 600_001;
    const light = await lightOfInk(new Uint8Array(pixels * 4).fill(255));
    expect(light).toHaveLength(pixels * 3);
    expect(light.every((value) => value === 0)).toBe(true);
    const last = await lightOfInk(new Uint8Array(pixels * 4));
    expect(last.at(-1)).toBe(255);
  });
});

describe('a CMYK picture', () => {
  it('is converted by its profile only where that is asked for', async () => {
    const bytes = await fixturePicture('ink.jpg');
    const [plain, managed] = [await decodeImage(bytes), await decodeImage(bytes, { colorManaged: true })];
    expect([managed.width, managed.height]).toEqual([plain.width, plain.height]);
    expect(managed.data).not.toEqual(plain.data);
  });
});
