import { describe, expect, it } from 'vitest';
import { decodeImage, decodeOpened } from '../../src/image/decode.ts';
import { encodeJpeg, encodePng } from '../../src/image/encode.ts';
import { imageFormat } from '../../src/image/image-format.ts';
import { previewImage } from '../../src/image/preview.ts';
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
    expect(imageFormat(preview.bytes)).toBe('jpeg');
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
