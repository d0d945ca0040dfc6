/** Small pictures side by side, for people to look at. Must not touch files. */
import sharp from 'sharp';
import type { ImageValue } from '../protocol/value.ts';

export interface ContactSheet {
  /** Of each picture's square, pixels. */
  readonly side: number;
  readonly columns: number;
  readonly name?: string | undefined;
}

const GAP = 4;

/**
 * Each encoded picture whole in a square of its own, row by row; an empty one leaves its square blank. 8-bit RGB, white
 * between them.
 */
export async function drawContactSheet(
  pictures: readonly Uint8Array[],
  { side, columns, name }: ContactSheet,
): Promise<ImageValue> {
  const across = Math.max(1, Math.min(columns, pictures.length));
  const down = Math.max(1, Math.ceil(pictures.length / across));
  const length = (count: number) => count * (side + GAP) + GAP;
  const size = { width: length(across), height: length(down) };
  const drawn = await Promise.all(
    pictures.map(async (bytes, index) => ({
      input: bytes.length === 0 ? undefined : await fitted(bytes, side),
      left: length(index % across),
      top: length(Math.floor(index / across)),
    })),
  );
  const layers = drawn.flatMap(({ input, ...place }) => (input === undefined ? [] : [{ input, ...place }]));
  const data = await sharp({ create: { ...size, channels: 3, background: '#ffffff' } })
    .composite(layers)
    .removeAlpha()
    .raw()
    .toBuffer();
  return { kind: 'Image', data: new Uint8Array(data), ...size, ...(name === undefined ? {} : { name }) };
}

function fitted(bytes: Uint8Array, side: number): Promise<Buffer> {
  return sharp(bytes).resize(side, side, { fit: 'contain', background: '#ffffff' }).png().toBuffer();
}
