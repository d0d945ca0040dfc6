/** A picture as Pillow has it after `Image.open`, in the arrays that numpy would show: what is resized or processed. */
import { decodeOpened } from '../../../src/image/decode.ts';
import type { RawImage } from '../../../src/native/image.ts';
import { paletteIndices } from './palette-indices.ts';

/** Bytes of each sample; a palette as its indices, a bit as 0 or 1. Undefined for samples wider than a byte. */
export async function openedImage(
  bytes: Uint8Array,
  name: string,
): Promise<{ mode: string; image: RawImage | undefined }> {
  const opened = await decodeOpened(bytes, { name });
  const { mode, width, height, channels, data } = opened;
  if (mode === 'P') return { mode, image: paletteIndices(bytes, name) };
  if (!(data instanceof Uint8Array)) return { mode, image: undefined };
  const samples = mode === '1' ? data.map((value) => value >> 7) : data;
  return { mode, image: { data: samples, width, height, channels } };
}

/** numpy leaves the channel axis away where there is one channel. */
export function arrayShape({ width, height, channels }: Omit<RawImage, 'data'>): number[] {
  return channels === 1 ? [height, width] : [height, width, channels];
}
