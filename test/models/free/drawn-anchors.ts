/** Anchors of random vectors for tests: the same number draws the same one. */
import type { Anchor, AnchorSpaces } from '../../../src/models/free/anchor.ts';
import { numbersFrom } from '../../native/random-numbers.ts';

export const drawnSpaces: AnchorSpaces = {
  image: { space: 'seen#1', width: 24 },
  text: { space: 'read#1', width: 16 },
};

export function drawnAnchor(number: number, more: Partial<Anchor> = {}): Anchor {
  const random = numbersFrom(1000 + number);
  return {
    id: `pair-${number}`,
    caption: `caption ${number}`,
    picture: `pictures/${number}.png`,
    hash: `hash-${number}`,
    image: random(24),
    text: random(16),
    thumbnail: Uint8Array.of(number % 256, 1, 2),
    ...more,
  };
}

export async function* drawnAnchors(first: number, count: number): AsyncGenerator<Anchor> {
  for (let number = first; number < first + count; number += 1) yield drawnAnchor(number);
}
