/** What a model looks at, brought into the form it reads, or refused. Knows no family. */
import { WeftError } from '../../errors.ts';
import type { ImageValue } from '../../protocol/value.ts';
import type { Regions } from './task.ts';

/** What tasks are given to look at, whichever it is. */
export interface Seen {
  readonly image?: ImageValue;
  readonly images?: readonly ImageValue[];
  readonly regions?: Regions;
}

/** Throws `model/bad-input` for regions, or nothing, where a model reads pictures. */
export function imageOf(model: string, seen: Seen): ImageValue {
  if (seen.image !== undefined) return seen.image;
  const received = seen.regions === undefined ? 'none' : 'regions';
  throw new WeftError('model/bad-input', { model, input: 'image', expected: 'a picture', received });
}

/** Regions of one picture, for each of several texts. */
export interface RegionBatch {
  /** float32 [texts, regions, width]. */
  readonly features: { readonly data: Float32Array; readonly shape: readonly number[] };
  /** float32 [texts, regions, 4], where there are some. */
  readonly boxes?: { readonly data: Float32Array; readonly shape: readonly number[] };
}

/**
 * @param width numbers of a region that the model reads
 * Throws `model/bad-input` for a picture, or nothing, where a model reads regions, and for regions that do not fit.
 */
export function regionsOf(
  model: string,
  seen: Seen,
  { width, texts = 1 }: { readonly width: number; readonly texts?: number },
): RegionBatch {
  const refuse = (input: string, expected: string, received: string): never => {
    throw new WeftError('model/bad-input', { model, input, expected, received });
  };
  if (seen.regions === undefined) {
    const received = (seen.image ?? seen.images) === undefined ? 'none' : 'pictures';
    return refuse('regions', 'features of regions, from a detector or a file,', received);
  }
  const { features, boxes } = seen.regions;
  const { data, seq, dim } = features;
  if (seq < 1 || dim !== width || data.length !== seq * dim) {
    refuse('regions', `features [regions x ${width}]`, `[${seq} x ${dim}]`);
  }
  if (boxes !== undefined && boxes.length !== 4 * seq) {
    refuse('regions', `boxes [${seq} x 4], one for each region,`, `${boxes.length} numbers`);
  }
  return {
    features: { data: repeated(data, texts), shape: [texts, seq, dim] },
    ...(boxes === undefined ? {} : { boxes: { data: repeated(boxes, texts), shape: [texts, seq, 4] } }),
  };
}

function repeated(data: Float32Array, times: number): Float32Array {
  if (times === 1) return data;
  const all = new Float32Array(times * data.length);
  for (let time = 0; time < times; time += 1) all.set(data, time * data.length);
  return all;
}
