/** The same value without its big arrays, for events that are kept after the run let go of the data. */
import type { Value } from '../protocol/value.ts';

/** Sizes and names stay, so that a late reader still learns what came; arrays have length 0. Embeddings are never big. */
export function releaseValue(value: Value): Value {
  switch (value.kind) {
    case 'Image':
    case 'Tensor':
    case 'Features':
      return { ...value, data: value.data.slice(0, 0) } as Value;
    case 'Video':
      return { ...value, frames: value.frames.map((frame) => ({ ...frame, data: new Uint8Array(0) })) };
    case 'Masks':
      return { ...value, masks: value.masks.map((mask) => ({ ...mask, data: new Uint8Array(0) })) };
    default:
      return value;
  }
}
