/** As many frames of a video as a model reads, at even distances from the first to the last. Pure. */
import { WeftError } from '../../errors.ts';

/** Of fewer frames some are taken several times. Throws `model/bad-input` for none. */
export function sampleFrames<Frame>(model: string, frames: readonly Frame[], count: number): Frame[] {
  if (frames.length === 0) {
    throw new WeftError('model/bad-input', { model, input: 'frames', expected: 'at least one', received: 'none' });
  }
  const step = count === 1 ? 0 : (frames.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => frames[Math.floor(index * step)]!);
}
