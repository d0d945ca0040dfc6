/**
 * Colour arithmetic: HSL to 8-bit RGB, distances, the second tone of a texture.
 * Must not decide which colour an object gets (scene.ts).
 */
import type { Random } from './random.ts';
import { type Colour, colourRange } from './vocabulary.ts';

export type Rgb = readonly [number, number, number];

/** Hue in degrees, saturation and lightness in percent. */
export function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const s = Math.min(100, Math.max(0, saturation)) / 100;
  const l = Math.min(100, Math.max(0, lightness)) / 100;
  const reach = s * Math.min(l, 1 - l);
  const channel = (offset: number): number => {
    const k = (((offset + hue / 30) % 12) + 12) % 12;
    return Math.round(255 * (l - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** A member of the named colour, jittered within its range. */
export function drawColour(colour: Colour, random: Random): Rgb {
  const { hue, saturation, lightness } = colourRange[colour];
  const around = ([centre, spread]: readonly [number, number]) => random.range(centre - spread, centre + spread);
  return fromHsl(around(hue), around(saturation), around(lightness));
}

/** Euclidean distance of two colours on a 0..1 scale. */
export function distance(a: Rgb, b: Rgb): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / (255 * Math.sqrt(3));
}

/** The second tone of a texture: the same hue, moved towards white when dark and towards black when light. */
export function textureTone(base: Rgb): Rgb {
  const brightness = (base[0] * 0.3 + base[1] * 0.59 + base[2] * 0.11) / 255;
  const target = brightness > 0.45 ? 0 : 255;
  const amount = brightness > 0.45 ? 0.5 : 0.62;
  return [
    Math.round(base[0] + (target - base[0]) * amount),
    Math.round(base[1] + (target - base[1]) * amount),
    Math.round(base[2] + (target - base[2]) * amount),
  ];
}

export function toCss(colour: Rgb): string {
  return `rgb(${colour[0]},${colour[1]},${colour[2]})`;
}
