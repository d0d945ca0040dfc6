/** A video made of one picture: crops that slide over it, black where they leave it, as Pillow's crop gives them. */
import type { RawImage } from '../../../src/native/image.ts';
import type { ProcessorEntry } from './case-format.ts';

export function cutFrames(image: RawImage, frames: NonNullable<ProcessorEntry['frames']>): RawImage[] {
  return Array.from({ length: frames.count }, (_, index) => {
    const left = index * frames.step;
    const top = Math.floor((index * frames.step) / 2);
    return cutFrame(image, { left, top, width: frames.width, height: frames.height });
  });
}

function cutFrame(image: RawImage, window: { left: number; top: number; width: number; height: number }): RawImage {
  const { width, height } = window;
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  const columns = Math.max(0, Math.min(width, image.width - window.left));
  for (let y = 0; y < Math.min(height, image.height - window.top); y += 1) {
    const start = ((window.top + y) * image.width + window.left) * channels;
    data.set(image.data.subarray(start, start + columns * channels), y * width * channels);
  }
  return { data, width, height, channels };
}
