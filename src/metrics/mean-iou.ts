/**
 * Intersection over union of segmentations, summed over all pictures before it is divided, as Pascal VOC and its followers
 * score them. Source: Everingham et al., The Pascal Visual Object Classes Challenge (2010), segmentation.
 */
import { WeftError } from '../errors.ts';

/** A class for each pixel, in any order that both share. */
export interface SegmentedPicture {
  readonly found: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
}

export interface SegmentationScores {
  /** Mean over classes that occur, found or true. */
  readonly meanIou: number;
  /** By class; NaN for a class that does not occur. */
  readonly iou: readonly number[];
  /** Share of pixels that are right. */
  readonly pixelAccuracy: number;
}

/**
 * @param classes classes are 0 to classes - 1
 * @param unlabelled the class of pixels that nobody labelled, which do not count (255 of Pascal VOC)
 * Throws `metric/bad-input` for pictures of another size than their truth, for classes out of range, and for no pixel.
 */
export function meanIou(
  pictures: readonly SegmentedPicture[],
  { classes, unlabelled = 255 }: { readonly classes: number; readonly unlabelled?: number },
): SegmentationScores {
  const shared = new Float64Array(classes);
  const found = new Float64Array(classes);
  const truth = new Float64Array(classes);
  for (const [index, picture] of pictures.entries()) {
    const pixels = picture.truth.length;
    if (picture.found.length !== pixels) {
      refuse(`${pixels} pixels of picture ${index + 1}`, String(picture.found.length));
    }
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const [right, claimed] = [picture.truth[pixel]!, picture.found[pixel]!];
      if (right === unlabelled) continue;
      if (!(right in truth && claimed in found)) refuse(`classes from 0 to ${classes - 1}`, `${right} and ${claimed}`);
      truth[right]! += 1;
      found[claimed]! += 1;
      if (right === claimed) shared[right]! += 1;
    }
  }
  const all = sum(truth);
  if (all === 0) refuse('at least one labelled pixel', 'none');
  const iou = Array.from(shared, (both, one) => both / (truth[one]! + found[one]! - both));
  const occurring = iou.filter((value) => !Number.isNaN(value));
  return { meanIou: sum(occurring) / occurring.length, iou, pixelAccuracy: sum(shared) / all };
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}

function refuse(expected: string, received: string): never {
  throw new WeftError('metric/bad-input', { metric: 'mean IoU', expected, received });
}
