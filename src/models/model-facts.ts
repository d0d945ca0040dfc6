/**
 * What a model's configuration files say about it: family, embedding width, picture size.
 * Pure: takes parsed files, opens none.
 */
import { isObject, type JsonObject } from './read-json.ts';

export interface ModelFacts {
  /** `model_type` of config.json; undefined where that does not say. */
  readonly family: string | undefined;
  /** A name that travels with the files, whatever folder they lie in. */
  readonly label: string | undefined;
  readonly dim: number | undefined;
  /** Height and width, pixels. */
  readonly imageSize: readonly [number, number] | undefined;
}

export function readFacts(config: JsonObject | undefined, processor: JsonObject | undefined): ModelFacts {
  const family = typeof config?.model_type === 'string' && config.model_type !== '' ? config.model_type : undefined;
  return {
    family,
    label: labelOf(config),
    dim: positive(config?.projection_dim) ?? (family === 'clip' ? CLIP_PROJECTION : undefined),
    imageSize: processorSize(processor) ?? configSize(config),
  };
}

/** What transformers takes when a CLIP config.json leaves it out. */
const CLIP_PROJECTION = 512;

function labelOf(config: JsonObject | undefined): string | undefined {
  const name = config?._name_or_path;
  if (typeof name !== 'string') return undefined;
  const last = name.split(/[/\\]/).filter(Boolean).at(-1);
  return last !== undefined && /^[A-Za-z0-9][\w.-]{0,63}$/.test(last) ? last : undefined;
}

/** The crop decides where there is one, as it comes last. */
function processorSize(processor: JsonObject | undefined): readonly [number, number] | undefined {
  if (processor === undefined) return undefined;
  const crop = processor.do_center_crop === false ? undefined : sizeOf(processor.crop_size);
  return crop ?? sizeOf(processor.size);
}

function configSize(config: JsonObject | undefined): readonly [number, number] | undefined {
  const vision = isObject(config?.vision_config) ? config.vision_config : config;
  return sizeOf(vision?.image_size);
}

function sizeOf(value: unknown): readonly [number, number] | undefined {
  const side = positive(value);
  if (side !== undefined) return [side, side];
  if (!isObject(value)) return undefined;
  const height = positive(value.height);
  const width = positive(value.width);
  return height === undefined || width === undefined ? undefined : [height, width];
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
