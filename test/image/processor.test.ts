import { describe, expect, it } from 'vitest';
import { toRawImage } from '../../src/image/processor.ts';
import { parseImageProcessor } from '../../src/image/processor-config.ts';
import type { RawImage } from '../../src/native/image.ts';

const parse = (name: string, options: object = {}) =>
  parseImageProcessor({ image_processor_type: `${name}ImageProcessor`, ...options }, { model: 'some/model' });

/** A picture whose bytes all differ from their neighbours. */
function striped(width: number, height: number, channels: RawImage['channels'] = 3): RawImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, index) => (index * 83) % 251);
  return { data, width, height, channels };
}

describe('process and processBatch', () => {
  const pictures = [striped(40, 30), striped(17, 29), striped(9, 9)];

  it.each([
    ['CLIP', { size: 12, crop_size: 10 }],
    ['Donut', { size: { height: 14, width: 11 } }],
    ['Owlv2', { size: 13 }],
  ])('agree for %s', async (name, options) => {
    const processor = parse(name, options);
    const single = await processor.process(pictures);
    const batch = await processor.processBatch(pictures);
    const { height, width } = single[0]!;
    expect(batch.shape).toEqual([3, 3, height, width]);
    const length = 3 * height * width;
    single.forEach((picture, index) => {
      expect(batch.pixelValues.subarray(index * length, (index + 1) * length)).toEqual(picture.pixelValues);
    });
    expect(processor.fixedSize).toEqual({ width, height });
  });

  it('pad to the largest of the batch and mask the padding', async () => {
    const processor = parse('Vilt', { size: 8, size_divisor: 4 });
    const batch = await processor.processBatch([striped(12, 8), striped(8, 12)]);
    expect(batch.shape).toEqual([2, 3, 12, 12]);
    const mask = batch.pixelMask!;
    const row = (image: number, y: number) =>
      [...mask.subarray((image * 12 + y) * 12, (image * 12 + y + 1) * 12)].join('');
    expect(row(0, 7)).toBe('111111111111');
    expect(row(0, 8)).toBe('000000000000');
    expect(row(1, 11)).toBe('111111110000');
    mask.forEach((inside, index) => {
      if (inside === 0) expect(batch.pixelValues[index + (index >= 144 ? 2 * 144 : 0)]).toBe(0);
    });
    const [alone] = await processor.process([striped(12, 8)]);
    expect(alone).toMatchObject({ width: 12, height: 8 });
    expect(alone!.pixelMask).toEqual(new Uint8Array(96).fill(1));
  });

  it('gives the codebook its own picture', async () => {
    const options = { size: 8, crop_size: 8, codebook_size: 6, codebook_crop_size: 5, return_codebook_pixels: true };
    const [result] = await parse('Flava', options).process([striped(20, 20)]);
    expect(result).toMatchObject({ width: 8, height: 8, codebookPixels: { width: 5, height: 5, channels: 3 } });
    // Mapped to 0.8 x + 0.1 of values in [0, 1].
    for (const value of result!.codebookPixels!.pixelValues) {
      expect(value).toBeGreaterThan(0.0999);
      expect(value).toBeLessThan(0.9001);
    }
  });
});

describe('what a model cannot take is refused', () => {
  it('no picture', async () => {
    await expect(parse('CLIP').processBatch([])).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(parse('CLIP').process([])).resolves.toEqual([]);
  });

  it('a batch of different sizes that is not padded', async () => {
    const processor = parse('CLIP', { size: 10, do_center_crop: false });
    const batch = processor.processBatch([striped(20, 10), striped(10, 20)]);
    await expect(batch).rejects.toMatchObject({ code: 'input/bad-image-option' });
    await expect(batch).rejects.toThrow('20 x 10 and 10 x 20');
  });

  it('a picture that shrinks to nothing', async () => {
    const processing = parse('Vilt', { size: 8, size_divisor: 16 }).process([striped(200, 8)]);
    await expect(processing).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it('another number of channels than the mean has', async () => {
    for (const name of ['ViT', 'Donut', 'Beit']) {
      const processing = parse(name, { size: [9, 9] }).process([striped(20, 20, 4)]);
      await expect(processing, name).rejects.toMatchObject({ code: 'model/bad-input' });
    }
    const grey = await parse('ViT', { size: 9, image_mean: 0.5, image_std: 0.5 }).process([striped(20, 20, 1)]);
    expect(grey[0]).toMatchObject({ channels: 1, width: 9 });
  });

  it('a picture larger than the padding', async () => {
    const options = { do_resize: false, do_pad: true, pad_size: { height: 9, width: 9 } };
    await expect(parse('ViT', options).process([striped(10, 5)])).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it.each(['CLIP', 'Donut', 'Owlv2'])('work for who has cancelled (%s)', async (name) => {
    const processing = parse(name).process([striped(20, 20)], { signal: AbortSignal.abort() });
    await expect(processing).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});

describe('OWLv2', () => {
  it('lets the event loop breathe', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await parse('Owlv2', { size: 400 }).process([striped(900, 700)]);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

describe('toRawImage', () => {
  it('replicates grey and drops alpha', () => {
    expect(toRawImage({ data: Uint8Array.of(7, 8), width: 2, height: 1, channels: 1 }, true).data).toEqual(
      Uint8Array.of(7, 7, 7, 8, 8, 8),
    );
    expect(toRawImage({ data: Uint8Array.of(7, 0), width: 1, height: 1, channels: 2 }, true).data).toEqual(
      Uint8Array.of(7, 7, 7),
    );
    expect(toRawImage({ data: Uint8Array.of(1, 2, 3, 0), width: 1, height: 1, channels: 4 }, true).data).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });

  it('copies nothing where nothing changes', () => {
    const image = striped(3, 3);
    expect(toRawImage(image, true).data).toBe(image.data);
    const alpha = striped(3, 3, 4);
    expect(toRawImage(alpha, false).data).toBe(alpha.data);
  });
});
