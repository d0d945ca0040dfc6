/**
 * How pictures become tensors: by a model's published configuration, or by parameters.
 * Decides geometry only; src/image and the addon compute the pixels.
 */
import { stat } from 'node:fs/promises';
import { WeftError } from '../errors.ts';
import { type Placement, placementOf } from '../image/placement.ts';
import { parseImageProcessor } from '../image/processor-config.ts';
import { resizedSize } from '../image/target-size.ts';
import { readJson } from '../models/read-json.ts';
import { type PreprocessPlan, preprocess, type ResizeFilter } from '../native/image.ts';
import type { ImageValue } from '../protocol/value.ts';
import type { Services } from './services.ts';

export interface PreprocessingParams {
  readonly model: string | undefined;
  readonly resize: 'exact' | 'shortest-edge' | 'longest-edge-pad' | 'none';
  readonly size: readonly number[] | undefined;
  readonly filter: ResizeFilter;
  readonly crop: readonly number[] | undefined;
  readonly rescale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly padValue: number;
  readonly channels: 'RGB' | 'BGR';
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** float32 [3, height, width]. */
export interface Pixels extends Size {
  readonly data: Float32Array;
}

export interface Preprocessing {
  process(images: readonly ImageValue[], signal: AbortSignal): Promise<readonly Pixels[]>;
  /** Where the whole picture lies in a result of that size; undefined where one rectangle cannot tell. */
  placement(image: Size, result: Size): Placement | undefined;
}

/** Throws run/bad-parameter, model/not-found, model/bad-config. */
export async function choosePreprocessing(params: PreprocessingParams, services: Services): Promise<Preprocessing> {
  const { model } = params;
  if (model === undefined) return byHand(params, params.size);
  const place = await services.models.folder(model);
  const config = (await stat(place)).isDirectory() ? await publishedConfig(place, model) : undefined;
  if (config === undefined) return byHand(params, params.size ?? (await inputSize(model, services)));
  refuseBesideConfig(params, model);
  const processor = parseImageProcessor(config.preprocessor, { model, ...config.type });
  return {
    process: async (images, signal) =>
      (await processor.process(images, { signal })).map(({ pixelValues, width, height }) => {
        return { data: pixelValues, width, height };
      }),
    placement: ({ width, height }) => processor.placement(width, height),
  };
}

async function publishedConfig(folder: string, model: string) {
  const preprocessor =
    (await readJson(folder, 'preprocessor_config.json', model)) ??
    (await readJson(folder, 'processor_config.json', model));
  if (preprocessor === undefined) return undefined;
  const modelType = (await readJson(folder, 'config.json', model))?.model_type;
  return { preprocessor, type: typeof modelType === 'string' ? { modelType } : {} };
}

/** A parameter that the configuration would silently overrule is a misunderstanding. */
function refuseBesideConfig(params: PreprocessingParams, model: string): void {
  const given = {
    resize: params.resize !== 'exact',
    size: params.size !== undefined,
    filter: params.filter !== 'bilinear',
    crop: params.crop !== undefined,
    rescale: params.rescale !== 1 / 255,
    mean: params.mean.some((value) => value !== 0),
    std: params.std.some((value) => value !== 1),
    padValue: params.padValue !== 0,
  };
  const [param] = Object.entries(given).find(([, isGiven]) => isGiven) ?? [];
  if (param === undefined) return;
  const expected = `nothing beside the preprocessor_config.json of "${model}" (leave \`model\` out to preprocess by hand)`;
  throw new WeftError('run/bad-parameter', { param, expected, received: 'a value' });
}

/** Height and width that an ONNX model's picture input is fixed to. */
async function inputSize(model: string, { models, onnx }: Services): Promise<readonly number[] | undefined> {
  const session = await onnx.session(await models.onnxFile(model), { model });
  for (const { shape } of session.inputs) {
    const [height, width] = shape.slice(-2);
    if (shape.length === 4 && typeof height === 'number' && typeof width === 'number') return [height, width];
  }
  return undefined;
}

function byHand(params: PreprocessingParams, size: readonly number[] | undefined): Preprocessing {
  const target = params.resize === 'none' ? undefined : sizeOf('size', size);
  const crop = params.crop === undefined ? undefined : sizeOf('crop', params.crop);
  if (params.std.includes(0))
    throw new WeftError('run/bad-parameter', { param: 'std', expected: 'no zero', received: 0 });
  const plan = (image: Size) => planByHand(params, target, crop, image);
  return {
    process: async (images, signal) => {
      const jobs = images.map((image) => {
        const { data, width, height } = image;
        return { image: { data, width, height, channels: 3 as const }, plan: plan(image) };
      });
      return preprocess(jobs, { signal });
    },
    placement: (image, result) => placementOf(plan(image), image, result),
  };
}

function planByHand(
  { resize, filter, rescale, mean, std, padValue }: PreprocessingParams,
  target: Size | undefined,
  crop: Size | undefined,
  image: Size,
): PreprocessPlan {
  const plan: PreprocessPlan = { rescale: { factor: rescale }, normalize: { mean, std } };
  let current: Size = { width: image.width, height: image.height };
  if (target !== undefined) {
    current = resized(resize, target, image);
    plan.resize = { ...current, filter };
  }
  if (crop !== undefined) {
    const left = Math.floor((current.width - crop.width) / 2);
    const top = Math.floor((current.height - crop.height) / 2);
    plan.crop = { left, top, width: crop.width, height: crop.height };
  } else if (resize === 'longest-edge-pad' && target !== undefined) {
    const left = Math.floor((target.width - current.width) / 2);
    const top = Math.floor((target.height - current.height) / 2);
    plan.pad = { left, top, width: target.width, height: target.height, value: padValue };
  }
  return plan;
}

function resized(mode: PreprocessingParams['resize'], target: Size, { width, height }: Size): Size {
  const size =
    mode === 'shortest-edge'
      ? resizedSize({ kind: 'shortest-edge', edge: target.height }, width, height)
      : resizedSize({ kind: mode === 'exact' ? 'exact' : 'within', ...target }, width, height);
  return { width: Math.max(1, size.width), height: Math.max(1, size.height) };
}

function sizeOf(param: string, numbers: readonly number[] | undefined): Size {
  const [height = 0, width = height] = numbers ?? [];
  if ([height, width].every((side) => Number.isInteger(side) && side > 0)) return { width, height };
  const received = numbers === undefined ? 'none' : `[${numbers.join(', ')}]`;
  throw new WeftError('run/bad-parameter', { param, expected: 'whole numbers of pixels above 0', received });
}
