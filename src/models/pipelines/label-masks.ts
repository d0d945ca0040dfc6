/** Masks of the original picture from a plane of logits for each label, every label judged alone. Knows no network. */
import { WeftError } from '../../errors.ts';
import type { ImageProcessor } from '../../image/processor.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue, MasksValue } from '../../protocol/value.ts';
import { logit, sigmoid } from '../blocks/sigmoid.ts';
import { masksAbove, seenRegion } from './picture-masks.ts';
import { placeIn } from './picture-place.ts';

/** What read the picture. */
export interface SegmenterProcessing {
  /** How errors name it. */
  readonly name: string;
  readonly processor: ImageProcessor;
}

export interface AskedMasks {
  readonly image: ImageValue;
  readonly labels: readonly string[];
  /** As `limitOf` gives it. */
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
}

/** Of a pixel's probability. */
export const THRESHOLD = 0.5;

/** The logit of a probability. Throws `model/bad-input` for what is none. */
export function limitOf(model: string, threshold: number): number {
  if (threshold >= 0 && threshold <= 1) return logit(threshold);
  const expected = 'a probability from 0 to 1';
  throw new WeftError('model/bad-input', { model, input: 'threshold', expected, received: String(threshold) });
}

/** Of logits [labels, height, width] over what the model saw; a mask's score is that of its surest pixel. */
export async function labelMasks(
  { name, processor }: SegmenterProcessing,
  logits: Tensor,
  { image, labels, limit, signal }: AskedMasks,
): Promise<MasksValue> {
  const place = { region: seenRegion(placeIn(name, processor, image), image), picture: image, signal };
  const data = await masksAbove(logits, limit, place);
  const surest = largestOfEach(logits);
  const masks = data.map((mask, index) => ({ label: labels[index]!, score: sigmoid(surest[index]!), data: mask }));
  return { kind: 'Masks', width: image.width, height: image.height, masks };
}

function largestOfEach(planes: Tensor): number[] {
  const [count = 0] = planes.shape;
  const numbers = planes.toFloats();
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, plane) =>
    numbers.subarray(plane * size, (plane + 1) * size).reduce((most, value) => Math.max(most, value)),
  );
}
