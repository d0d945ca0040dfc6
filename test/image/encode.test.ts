import { describe, expect, it } from 'vitest';
import { decodeImage, decodeOpened } from '../../src/image/decode.ts';
import { encodeJpeg, encodePng } from '../../src/image/encode.ts';
import { MASK_ALPHA } from '../../src/image/mask-paint.ts';
import { previewImage, previewMasks } from '../../src/image/preview.ts';
import { labelColours } from '../../src/protocol/label-colour.ts';
import { pictureFormat } from '../../src/protocol/picture-format.ts';
import { fixturePicture } from './pictures.ts';

describe('encodePng', () => {
  it('loses nothing of an RGB picture', async () => {
    const image = await decodeImage(await fixturePicture('photo.jpg'));
    expect((await decodeImage(await encodePng(image))).data).toEqual(image.data);
  });

  it('keeps alpha', async () => {
    const data = Uint8Array.from({ length: 4 * 6 }, (_, index) => (index * 37) % 256);
    const opened = await decodeOpened(await encodePng({ data, width: 3, height: 2, channels: 4 }));
    expect(opened).toMatchObject({ mode: 'RGBA', width: 3, height: 2 });
    expect(opened.data).toEqual(data);
  });
});

describe('encodeJpeg', () => {
  it('stays close to the picture, and closer at a higher quality', async () => {
    const image = await decodeImage(await fixturePicture('photo.png'));
    const distance = async (quality: number) => {
      const { data } = await decodeImage(await encodeJpeg(image, { quality }));
      return data.reduce((sum, value, index) => sum + Math.abs(value - (image.data[index] as number)), 0) / data.length;
    };
    expect(await distance(95)).toBeLessThan(await distance(20));
    expect(await distance(95)).toBeLessThan(12);
  });
});

describe('previewImage', () => {
  it('shrinks to the longest side and keeps the aspect ratio', async () => {
    const image = await decodeImage(await fixturePicture('photo.png'));
    const preview = await previewImage(image, 23);
    expect(preview).toMatchObject({ mime: 'image/jpeg', width: 23, height: 16 });
    expect(pictureFormat(preview.bytes)).toBe('jpeg');
  });

  it('does not enlarge', async () => {
    const image = await decodeImage(await fixturePicture('photo.png'));
    expect(await previewImage(image, 500)).toMatchObject({ width: 46, height: 31 });
  });

  it('is a PNG where there is alpha', async () => {
    const data = new Uint8Array(5 * 4 * 4).fill(128);
    expect(await previewImage({ data, width: 5, height: 4, channels: 4 }, 9)).toMatchObject({ mime: 'image/png' });
  });
});

describe('previewMasks', () => {
  const [width, height] = [40, 20];
  /** Everything from column `from` on. */
  const mask = (label: string, score: number, from: number) => ({
    ...{ label, score },
    data: Uint8Array.from({ length: width * height }, (_, at) => Number(at % width >= from)),
  });
  const masks = { kind: 'Masks', width, height, masks: [mask('cat', 0.9, 30), mask('dog', 0.5, 20)] } as const;
  const colours = labelColours(['cat', 'dog']);
  const painted = (label: string) =>
    [1, 3, 5].map((at) => Number.parseInt(colours.get(label)!.slice(at, at + 2), 16)).concat(MASK_ALPHA);

  it.each([
    ['small', 20, { width: 20, height: 10 }],
    ['no larger than they are', 500, { width, height }],
  ])("paints labels' colours, the best on top, nothing elsewhere: %s", async (_, maxSide, size) => {
    const preview = await previewMasks(masks, maxSide);
    expect(preview).toMatchObject({ mime: 'image/png', ...size });
    const { data } = await decodeOpened(preview.bytes);
    const at = (share: number) => {
      const pixel = (Math.floor(size.height / 2) * size.width + Math.floor(share * size.width)) * 4;
      return [...data.subarray(pixel, pixel + 4)];
    };
    expect([0.1, 0.6, 0.9].map(at)).toEqual([[0, 0, 0, 0], painted('dog'), painted('cat')]);
  });

  it('keeps a pixel of masks that are a line', async () => {
    const line = { kind: 'Masks', width: 300, height: 1, masks: [] } as const;
    expect(await previewMasks(line, 100)).toMatchObject({ width: 100, height: 1 });
  });
});
