/** Where a model's results lie in the picture they were made from. */
import { WeftError } from '../../errors.ts';
import type { Placement } from '../../image/placement.ts';
import type { ImageProcessor, Size } from '../../image/processor.ts';

/** Throws `model/unsupported` for a processor that turns or cuts pictures so that no rectangle can tell. */
export function placeIn(model: string, processor: ImageProcessor, { width, height }: Size): Placement {
  const placement = processor.placement(width, height);
  if (placement !== undefined) return placement;
  const expected = 'an image processor that only resizes, crops and pads';
  throw new WeftError('model/unsupported', { model, expected, received: processor.type });
}
