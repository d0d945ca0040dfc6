/** An anchor: a picture and a text that belong together, as both encoders see them. Types, and how rows are kept. */
import { floatToHalf, halfToFloat } from '../half-float.ts';

export interface AnchorEntry {
  /** Stays the same when the collection is built again: where the pair comes from. */
  readonly id: string;
  readonly caption: string;
  /** Where the picture lies, as the person named it. */
  readonly picture: string;
  /** Of picture and caption: tells whether the pair is still the one that was encoded. */
  readonly hash: string;
}

export interface Anchor extends AnchorEntry {
  /** As encoded; the length does not matter. */
  readonly image: Float32Array;
  readonly text: Float32Array;
  /** A small picture, encoded, to be shown beside answers; may be empty. */
  readonly thumbnail: Uint8Array;
}

/** A space that anchors were encoded in: the identity of the checkpoint, and how many numbers it gives. */
export interface AnchorSpace {
  readonly space: string;
  readonly width: number;
}

export const SIDES = ['image', 'text'] as const;
export type AnchorSide = (typeof SIDES)[number];

export type AnchorSpaces = { readonly [Side in AnchorSide]: AnchorSpace };

/** The square of every binary16, by its bits: a table is ten times as fast as their arithmetic. Made when first needed. */
let halfSquares: Float64Array | undefined;

/** A vector at length 1 as binary16, and the length that rounding left. Half the bytes; cosines change by about 1e-4. */
export function halved(vector: Float32Array): { readonly halves: Uint16Array; readonly norm: number } {
  halfSquares ??= Float64Array.from({ length: 0x10000 }, (_, bits) => halfToFloat(bits) ** 2);
  let squares = 0;
  for (const number of vector) squares += number * number;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  const halves = new Uint16Array(vector.length);
  let rounded = 0;
  for (let i = 0; i < vector.length; i += 1) {
    halves[i] = floatToHalf(vector[i]! * scale);
    rounded += halfSquares[halves[i]!]!;
  }
  return { halves, norm: Math.sqrt(rounded) };
}
