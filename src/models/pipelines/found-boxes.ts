/** Boxes of the original picture from what a detector of the kind of OWL-ViT found in what it saw. Knows no network. */
import { type Placement, toPicture } from '../../image/placement.ts';
import type { ImageProcessor } from '../../image/processor.ts';
import type { Box, BoxesValue, ImageValue } from '../../protocol/value.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { Detection } from '../families/owl-boxes.ts';
import { placeIn } from './picture-place.ts';

/** What reads pictures and texts for a detector, whatever runs it. */
export interface DetectorProcessing {
  /** How errors name it. */
  readonly name: string;
  readonly processor: ImageProcessor;
  readonly tokenizer: Tokenizer;
}

/** transformers' threshold of objects by texts. */
export const TEXT_THRESHOLD = 0.1;

/** Shares of what the model saw, in pixels of the picture and cut off at its edges; best first. */
export function boxesOf(
  { name: model, processor }: DetectorProcessing,
  { width, height, name }: ImageValue,
  found: readonly Detection[],
  labelOf: (query: number) => string,
): BoxesValue {
  const placement = placeIn(model, processor, { width, height });
  const boxes = found.flatMap(({ corners, score, query }) => {
    const place = toPicture(rectangleOf(corners, placement), placement, { width, height });
    return place === undefined ? [] : [{ ...place, label: labelOf(query), score } satisfies Box];
  });
  boxes.sort((one, other) => other.score - one.score);
  return {
    kind: 'Boxes',
    boxes,
    imageWidth: width,
    imageHeight: height,
    ...(name === undefined ? {} : { subject: name }),
  };
}

function rectangleOf([left, top, right, bottom]: Detection['corners'], { gridWidth, gridHeight }: Placement) {
  return {
    x: left * gridWidth,
    y: top * gridHeight,
    width: (right - left) * gridWidth,
    height: (bottom - top) * gridHeight,
  };
}
