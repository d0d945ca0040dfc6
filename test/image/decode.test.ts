import { describe, expect, it } from 'vitest';
import { decodeImage, decodeOpened } from '../../src/image/decode.ts';
import { announcedPng, fixturePicture } from './pictures.ts';

// That decoded bytes equal Pillow's is tested for every kind of file by test/parity/fixture.test.ts.

describe('decodeImage', () => {
  it('gives interleaved RGB, the shown size and the name', async () => {
    const image = await decodeImage(await fixturePicture('exif6.jpg'), { name: 'exif6.jpg' });
    expect(image).toMatchObject({ kind: 'Image', width: 12, height: 18, name: 'exif6.jpg' });
    expect(image.data.constructor).toBe(Uint8Array);
    expect(image.data).toHaveLength(12 * 18 * 3);
  });

  it('leaves the orientation alone when told so', async () => {
    const image = await decodeImage(await fixturePicture('exif6.jpg'), { orient: false });
    expect([image.width, image.height]).toEqual([18, 12]);
  });

  it('applies an ICC profile only when colour-managed', async () => {
    const bytes = await fixturePicture('profile.jpg');
    const ignored = await decodeImage(bytes);
    const managed = await decodeImage(bytes, { colorManaged: true });
    // The profile swaps red and blue: where red leads in one, blue leads in the other.
    const lead = ({ data }: { data: Uint8Array }) => Math.sign((data[0] as number) - (data[2] as number));
    expect(lead(ignored)).toBe(1);
    expect(lead(managed)).toBe(-1);
  });

  it('takes the first frame of an animation', async () => {
    const image = await decodeImage(await fixturePicture('frames.gif'));
    expect([image.width, image.height]).toEqual([46, 31]);
  });

  it('converts ink to light: no ink is white, all ink is dark', async () => {
    const { data } = await decodeImage(await fixturePicture('ink.jpg'));
    const { data: ink } = await decodeOpened(await fixturePicture('ink.jpg'));
    const pixels = Array.from({ length: data.length / 3 }, (_, pixel) => ({
      light: data.slice(pixel * 3, pixel * 3 + 3).reduce((sum, value) => sum + value, 0),
      ink: (ink.slice(pixel * 4, pixel * 4 + 4) as Uint8Array).reduce((sum, value) => sum + value, 0),
    })).sort((a, b) => a.ink - b.ink);
    expect(pixels[0]!.light).toBeGreaterThan(pixels.at(-1)!.light + 100);
  });
});

describe('decodeImage refuses', () => {
  const refused = (bytes: Uint8Array, options = {}) => decodeImage(bytes, { name: 'it.png', ...options });

  it('nothing at all', async () => {
    await expect(refused(new Uint8Array())).rejects.toMatchObject({
      code: 'input/bad-image',
      message: 'Expected a readable picture in "it.png", but it cannot be decoded: it is empty.',
    });
  });

  it.each([
    ['text that is called a picture', 'a picture of a cat, in words'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['PDF', '%PDF-1.7'],
  ])('%s', async (_, text) => {
    const error = refused(new TextEncoder().encode(text));
    await expect(error).rejects.toMatchObject({ code: 'input/bad-image' });
    await expect(error).rejects.toThrow('no supported picture format');
  });

  it.each(['photo.jpg', 'tall.jpg', 'photo.png', 'photo.webp', 'photo.tiff'])('half of %s', async (name) => {
    const bytes = await fixturePicture(name);
    await expect(refused(bytes.subarray(0, bytes.length >> 1))).rejects.toMatchObject({ code: 'input/bad-image' });
  });

  it('an animation cut within its first frame', async () => {
    const bytes = await fixturePicture('frames.gif');
    await expect(refused(bytes.subarray(0, bytes.length >> 2))).rejects.toMatchObject({ code: 'input/bad-image' });
  });

  it('a picture cut in its header', async () => {
    const bytes = await fixturePicture('photo.jpg');
    for (const length of [3, 4, 20, 100]) {
      await expect(refused(bytes.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'input/bad-image',
      });
    }
  });

  it('a header of 100,000 x 100,000 without allocating its pixels', async () => {
    const before = process.memoryUsage().rss;
    await expect(refused(announcedPng(100_000, 100_000))).rejects.toMatchObject({
      code: 'input/image-too-large',
      details: { width: 100_000, height: 100_000, limit: 2 ** 27 },
      status: 413,
    });
    // Its pixels would be 30 GB; what sharp loads to look at it is a few MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });

  it('more pixels than the caller allows, but not as many', async () => {
    const bytes = await fixturePicture('photo.png');
    await expect(refused(bytes, { maxPixels: 46 * 31 - 1 })).rejects.toMatchObject({ code: 'input/image-too-large' });
    await expect(refused(bytes, { maxPixels: 46 * 31 })).resolves.toMatchObject({ width: 46, height: 31 });
  });

  it('to work for who has cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(refused(await fixturePicture('photo.png'), { signal })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});

describe('decodeOpened', () => {
  it.each([
    ['photo.jpg', 'RGB', 3],
    ['grey.png', 'L', 1],
    ['grey-alpha.png', 'LA', 2],
    ['alpha.png', 'RGBA', 4],
    ['bits.png', '1', 1],
    ['palette.png', 'P', 3],
    ['ink.jpg', 'CMYK', 4],
    ['deep-grey.png', 'I;16', 1],
  ])('keeps the channels of %s (%s)', async (name, mode, channels) => {
    const opened = await decodeOpened(await fixturePicture(name), { name });
    expect(opened).toMatchObject({ mode, channels });
    expect(opened.data).toHaveLength(opened.width * opened.height * channels);
  });

  it('refuses what decodeImage refuses', async () => {
    await expect(decodeOpened(announcedPng(100_000, 100_000))).rejects.toMatchObject({ code: 'input/image-too-large' });
    await expect(decodeOpened(new Uint8Array())).rejects.toMatchObject({ code: 'input/bad-image' });
  });
});
