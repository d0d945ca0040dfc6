/** A small encoded copy of a picture, for people to look at. Not for models: its filter is whatever looks good and is fast. */

import { labelColours } from '../protocol/label-colour.ts';
import type { MasksValue } from '../protocol/value.ts';
import { type Pixels, pixelSource } from './encode.ts';
import { paintMasks } from './mask-paint.ts';

export interface Preview {
  readonly mime: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * The picture shrunk (never enlarged) so that no side is longer than `maxSide`.
 * JPEG, or PNG where the picture has an alpha channel.
 */
export async function previewImage(image: Pixels, maxSide: number): Promise<Preview> {
  const shrunk = pixelSource(image).resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true });
  const hasAlpha = image.channels === 2 || image.channels === 4;
  const encoded = hasAlpha ? shrunk.png() : shrunk.jpeg({ quality: 80 });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  return {
    mime: hasAlpha ? 'image/png' : 'image/jpeg',
    bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    width: info.width,
    height: info.height,
  };
}

/** Masks in the colours of their labels, transparent elsewhere: to lie over the picture they belong to. */
export async function previewMasks(masks: MasksValue, maxSide: number): Promise<Preview> {
  // Painted small, not shrunk: every pixel keeps a colour that stands for a label.
  const scale = Math.min(1, maxSide / Math.max(masks.width, masks.height));
  const [width, height] = [masks.width, masks.height].map((side) => Math.max(1, Math.round(side * scale)));
  const colours = labelColours(masks.masks.map(({ label }) => label));
  return previewImage(paintMasks(masks, colours, { width: width!, height: height! }), maxSide);
}
