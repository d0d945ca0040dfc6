import { describe, expect, it } from 'vitest';
import { imageFormat, isCmykJpeg } from '../../src/image/image-format.ts';
import { fixturePicture } from './pictures.ts';

describe('imageFormat', () => {
  it.each([
    ['photo.jpg', 'jpeg'],
    ['photo.png', 'png'],
    ['photo.webp', 'webp'],
    ['photo.tiff', 'tiff'],
    ['frames.gif', 'gif'],
  ])('reads %s as %s', async (name, format) => {
    expect(imageFormat(await fixturePicture(name))).toBe(format);
  });

  it('knows nothing of what it does not decode', () => {
    for (const text of ['', 'GIF', '<svg/>', 'BM6', '%PDF-1.4', 'RIFF\0\0\0\0WAVE']) {
      expect(imageFormat(new TextEncoder().encode(text)), text).toBeUndefined();
    }
  });
});

describe('isCmykJpeg', () => {
  it('tells four components from three and one', async () => {
    expect(isCmykJpeg(await fixturePicture('ink.jpg'))).toBe(true);
    expect(isCmykJpeg(await fixturePicture('photo.jpg'))).toBe(false);
    expect(isCmykJpeg(await fixturePicture('tall.jpg'))).toBe(false);
    expect(isCmykJpeg(await fixturePicture('alpha.png'))).toBe(false);
  });

  it('stops at the end of what there is', async () => {
    const bytes = await fixturePicture('ink.jpg');
    for (let length = 0; length < 60; length += 1) expect(isCmykJpeg(bytes.subarray(0, length))).toBe(false);
  });
});
