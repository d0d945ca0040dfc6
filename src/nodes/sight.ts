/** What a model looks at: a picture, or the regions that a detector saw in it. */
import { WeftError } from '../errors.ts';
import type { Regions, Sight } from '../models/pipelines/task.ts';
import type { InputSpecs } from '../protocol/node.ts';
import type { BoxesValue, FeaturesValue, ImageValue } from '../protocol/value.ts';

export const regionInputs = {
  features: {
    type: { kind: 'Features' },
    doc: 'One row for each region, for models that read regions instead of pictures (encode/regions).',
    optional: true,
  },
  boxes: { type: { kind: 'Boxes' }, doc: 'Where the regions lie, in the order of the features.', optional: true },
} as const satisfies InputSpecs;

export const sightInputs = {
  image: { type: { kind: 'Image' }, doc: 'The picture.', optional: true },
  ...regionInputs,
} as const satisfies InputSpecs;

export interface SightInputs {
  readonly image: ImageValue | undefined;
  readonly features: FeaturesValue | undefined;
  readonly boxes: BoxesValue | undefined;
}

/** Features go before a picture, which then only names the result. Throws `run/bad-input` where there is neither. */
export function sightOf({ image, features, boxes }: SightInputs): Sight {
  if (features !== undefined) return { regions: regionsOf(features, boxes) };
  if (image !== undefined) return { image };
  throw new WeftError('run/bad-input', { expected: 'a picture or features', socket: 'image', received: 'neither' });
}

/** No box at all means that they are not known. Throws `run/bad-input` for another number of boxes than features. */
export function regionsOf(features: FeaturesValue, boxes: BoxesValue | undefined): Regions {
  if (boxes === undefined || boxes.boxes.length === 0) return { features };
  if (boxes.boxes.length !== features.seq) {
    throw new WeftError('run/bad-input', {
      expected: `${features.seq} boxes, one for each row of the features`,
      socket: 'boxes',
      received: `${boxes.boxes.length}`,
    });
  }
  const shares = boxes.boxes.flatMap(({ x, y, width, height }) => [
    x / boxes.imageWidth,
    y / boxes.imageHeight,
    (x + width) / boxes.imageWidth,
    (y + height) / boxes.imageHeight,
  ]);
  return { features, boxes: Float32Array.from(shares) };
}
