/**
 * CMYK ink -> RGB light, to the byte as Pillow's `convert("RGB")` has it: each colour is what neither its own ink nor black
 * takes away. No profile is looked at. Must not decode.
 */
import { setImmediate } from 'node:timers/promises';

/** Pixels between two pauses that leave the event loop to others: a few milliseconds. */
const PIXELS_PER_TURN = 2 ** 18;

/** Interleaved bytes [pixels, 4], 255 is full ink, to [pixels, 3]. */
export async function lightOfInk(ink: Uint8Array): Promise<Uint8Array> {
  const pixels = ink.length / 4;
  const light = new Uint8Array(pixels * 3);
  for (let start = 0; start < pixels; start += PIXELS_PER_TURN) {
    if (start > 0) await setImmediate();
    convert(ink, light, start, Math.min(pixels, start + PIXELS_PER_TURN));
  }
  return light;
}

function convert(ink: Uint8Array, light: Uint8Array, start: number, end: number): void {
  for (let pixel = start; pixel < end; pixel += 1) {
    const left = 255 - ink[pixel * 4 + 3]!;
    for (let colour = 0; colour < 3; colour += 1) {
      light[pixel * 3 + colour] = left - share(ink[pixel * 4 + colour]!, left);
    }
  }
}

/** round(a * b / 255), in the whole numbers of Pillow's macro. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}
