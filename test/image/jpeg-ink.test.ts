import { describe, expect, it } from 'vitest';
import { isCmykJpeg } from '../../src/image/jpeg-ink.ts';
import { pictureFormat } from '../../src/protocol/picture-format.ts';
import { fixturePicture } from './pictures.ts';

describe('pictureFormat', () => {
  it.each([
    ['photo.jpg', 'jpeg'],
    ['photo.png', 'png'],
    ['photo.webp', 'webp'],
    ['photo.tiff', 'tiff'],
    ['frames.gif', 'gif'],
  ])('reads %s as %s', async (name, format) => {
    expect(pictureFormat(await fixturePicture(name))).toBe(format);
  });

  it('knows every format by its first bytes', () => {
    const format = (text: string) => pictureFormat(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    expect(format('RIFF\0\0\0\0WEBPVP8 ')).toBe('webp');
    expect(format('\0\0\0\x1cftypavif\0\0\0\0')).toBe('avif');
    expect(format('II*\0')).toBe('tiff');
    expect(format('MM\0*')).toBe('tiff');
    expect(format('GIF89a')).toBe('gif');
    expect(format('\0\0\0\x1cftypisom\0\0\0\0')).toBeUndefined();
  });

  it('knows nothing of what it does not decode', () => {
    for (const text of ['', 'GIF', '<svg/>', 'BM6', '%PDF-1.4', 'RIFF\0\0\0\0WAVE']) {
      expect(pictureFormat(new TextEncoder().encode(text)), text).toBeUndefined();
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
