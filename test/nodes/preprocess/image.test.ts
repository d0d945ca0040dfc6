import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseImageProcessor } from '../../../src/image/processor-config.ts';
import preprocess from '../../../src/nodes/preprocess/image.ts';
import type { Services } from '../../../src/nodes/services.ts';
import type { ParamValue } from '../../../src/protocol/param.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { runBatch, runNode } from '../call-node.ts';
import { drawnPicture } from '../drawn-picture.ts';

const image = drawnPicture(8, 4, 'photo.png');

async function pixelsOf(given: Record<string, ParamValue>, services: Partial<Services> = {}, picture = image) {
  return (await runNode(preprocess, given, { image: picture }, services)).pixels;
}

/** Models as folders of a temporary place. */
function modelsIn(folder: string): Services['models'] {
  return {
    folder: async (ref) => join(folder, ref),
    onnxFile: async (ref) => join(folder, ref),
    info: () => Promise.reject(new Error('not asked')),
  };
}

const clipConfig = {
  image_processor_type: 'CLIPImageProcessor',
  size: { shortest_edge: 4 },
  crop_size: 4,
  image_mean: [0.1, 0.2, 0.3],
  image_std: [0.5, 0.25, 2],
};

describe('preprocess/image by hand', () => {
  it('gives bytes times rescale as [3, H, W], and remembers the picture', async () => {
    const pixels = await pixelsOf({ resize: 'none' });
    expect(pixels).toMatchObject({
      dtype: 'float32',
      shape: [3, 4, 8],
      origin: { width: 8, height: 4, name: 'photo.png' },
    });
    const at = (channel: number, y: number, x: number) => pixels.data[(channel * 4 + y) * 8 + x];
    expect(at(0, 2, 5)).toBeCloseTo((5 * 16) / 255, 6);
    expect(at(1, 2, 5)).toBeCloseTo((2 * 16) / 255, 6);
    expect(at(2, 2, 5)).toBeCloseTo(200 / 255, 6);
  });

  it('normalises per channel and swaps red and blue on demand', async () => {
    const given = { resize: 'none', rescale: 1, mean: [0, 16, 100], std: [2, 1, 50] };
    const rgb = await pixelsOf(given);
    const bgr = await pixelsOf({ ...given, channels: 'BGR' });
    const pick = ({ data }: typeof rgb) => [0, 1, 2].map((channel) => data[channel * 32 + 2 * 8 + 5]);
    expect(pick(rgb)).toEqual([40, 16, 2]);
    expect(pick(bgr)).toEqual([2, 16, 40]);
  });

  it.each([
    ['exact', { resize: 'exact', size: [6, 10] }, [3, 6, 10], [0, 0, 10, 6, 10, 6]],
    ['square', { resize: 'exact', size: [6] }, [3, 6, 6], [0, 0, 6, 6, 6, 6]],
    ['shortest edge', { resize: 'shortest-edge', size: [2] }, [3, 2, 4], [0, 0, 4, 2, 4, 2]],
    ['shortest edge and crop', { resize: 'shortest-edge', size: [2], crop: [2] }, [3, 2, 2], [-1, 0, 4, 2, 2, 2]],
    ['letterbox', { resize: 'longest-edge-pad', size: [16, 16] }, [3, 16, 16], [0, 4, 16, 8, 16, 16]],
    ['crop beyond the picture', { resize: 'none', crop: [6, 8] }, [3, 6, 8], [0, 1, 8, 4, 8, 6]],
  ])('%s: shape, and where the picture lies in it', async (_, given, shape, place) => {
    const pixels = await pixelsOf(given);
    expect(pixels.shape).toEqual(shape);
    const [x, y, width, height, gridWidth, gridHeight] = place;
    expect(pixels.origin?.placement).toEqual({ x, y, width, height, gridWidth, gridHeight });
  });

  it('fills the letterbox with padValue after normalising', async () => {
    const given = { resize: 'longest-edge-pad', size: [8, 8], filter: 'nearest', padValue: -7, mean: [1, 1, 1] };
    const { data } = await pixelsOf(given);
    expect(Array.from(data.subarray(0, 16), Number)).toEqual(Array(16).fill(-7));
    expect(data[2 * 8 + 3]).toBeCloseTo(48 / 255 - 1, 6);
    expect(Array.from(data.subarray(6 * 8, 8 * 8), Number)).toEqual(Array(16).fill(-7));
  });

  it('never shrinks a side to nothing', async () => {
    const thin = drawnPicture(100, 1);
    expect((await pixelsOf({ resize: 'longest-edge-pad', size: [8] }, {}, thin)).shape).toEqual([3, 8, 8]);
  });

  it('refuses sizes and deviations that make no sense', async () => {
    const code = 'run/bad-parameter';
    expect(await failure(pixelsOf({}))).toMatchObject({ code, details: { param: 'size' } });
    expect(await failure(pixelsOf({ size: [2.5] }))).toMatchObject({ code, details: { param: 'size' } });
    expect(await failure(pixelsOf({ size: [4, -1] }))).toMatchObject({ code });
    expect(await failure(pixelsOf({ size: [4], crop: [0] }))).toMatchObject({ code, details: { param: 'crop' } });
    expect(await failure(pixelsOf({ size: [4], std: [1, 0, 1] }))).toMatchObject({ code, details: { param: 'std' } });
    expect(await failure(pixelsOf({ size: [1e7] }))).toMatchObject({ code: 'input/bad-image-option' });
  });
});

describe('preprocess/image by a model', () => {
  it('does what the published configuration says', async () => {
    const folder = temporaryFolder({ 'clip/preprocessor_config.json': JSON.stringify(clipConfig) });
    const pixels = await pixelsOf({ model: 'clip' }, { models: modelsIn(folder) });
    const [expected] = await parseImageProcessor(clipConfig, { model: 'clip' }).process([image]);
    expect(pixels.shape).toEqual([3, 4, 4]);
    expect(pixels.data).toEqual(expected?.pixelValues);
    // 8 x 4 stays as it is; the crop takes columns 2 to 6.
    const placement = { x: -2, y: 0, width: 8, height: 4, gridWidth: 4, gridHeight: 4 };
    expect(pixels.origin?.placement).toEqual(placement);
  });

  it('finds the class through config.json where the configuration does not name it', async () => {
    const { image_processor_type: _, ...bare } = clipConfig;
    const folder = temporaryFolder({
      'm/preprocessor_config.json': JSON.stringify(bare),
      'm/config.json': JSON.stringify({ model_type: 'clip' }),
    });
    expect((await pixelsOf({ model: 'm' }, { models: modelsIn(folder) })).shape).toEqual([3, 4, 4]);
  });

  it('refuses parameters that the configuration would overrule', async () => {
    const folder = temporaryFolder({ 'clip/preprocessor_config.json': JSON.stringify(clipConfig) });
    const services = { models: modelsIn(folder) };
    const overruled = { size: [4], resize: 'none', filter: 'box', crop: [1], rescale: 1, mean: [1, 0, 0], padValue: 1 };
    for (const [param, value] of Object.entries(overruled)) {
      expect(await failure(pixelsOf({ model: 'clip', [param]: value }, services))).toMatchObject({
        code: 'run/bad-parameter',
        details: { param },
      });
    }
    expect((await pixelsOf({ model: 'clip', channels: 'BGR' }, services)).shape).toEqual([3, 4, 4]);
  });

  it('takes the size from the input of a bare ONNX model', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'detector.onnx'), 'stands for a model');
    const shapes = [['n'], [1, 3, 12, 'w'], [1, 3, 12, 20]];
    const inputs = shapes.map((shape) => ({ name: 'x', dtype: 'float32', element: 'float32', shape }));
    const onnx = { session: async (path: string) => ({ inputs: existsSync(path) ? inputs : [] }) };
    const services = { models: modelsIn(folder), onnx } as unknown as Services;
    expect((await pixelsOf({ model: 'detector.onnx' }, services)).shape).toEqual([3, 12, 20]);
    expect((await pixelsOf({ model: 'detector.onnx', size: [5] }, services)).shape).toEqual([3, 5, 5]);
  });

  it('preprocesses a batch together, and lets an impossible picture fail alone', async () => {
    const bounded = { ...clipConfig, size: { longest_edge: 8, shortest_edge: 4 }, do_center_crop: false };
    const folder = temporaryFolder({ 'clip/preprocessor_config.json': JSON.stringify(bounded) });
    const services = { models: modelsIn(folder) };
    const many = [image, drawnPicture(2000, 1), drawnPicture(4, 4)].map((picture) => ({ image: picture }));
    const results = await runBatch(preprocess, { model: 'clip' }, many, services);
    expect(results).toMatchObject([
      { pixels: { shape: [3, 4, 8] } },
      { code: 'model/bad-input' },
      { pixels: { shape: [3, 4, 4] } },
    ]);
    const single = await pixelsOf({ model: 'clip' }, services);
    expect(results[0]).toEqual({ pixels: single });
  });
});
