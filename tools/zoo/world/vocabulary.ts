/**
 * The closed vocabulary of the drawn world: what an object can be, and the colours behind the colour names.
 * Must not hold grammar (phrases.ts) or geometry (shapes.ts).
 */

export const shapes = [
  'circle',
  'square',
  'triangle',
  'star',
  'heart',
  'cross',
  'crescent',
  'ring',
  'diamond',
  'arrow',
] as const;
export type Shape = (typeof shapes)[number];

export const colours = [
  'red',
  'orange',
  'yellow',
  'green',
  'blue',
  'purple',
  'pink',
  'brown',
  'black',
  'white',
  'grey',
] as const;
export type Colour = (typeof colours)[number];

export const sizes = ['small', 'medium', 'large'] as const;
export type Size = (typeof sizes)[number];

export const textures = ['plain', 'striped', 'dotted', 'checkered'] as const;
export type Texture = (typeof textures)[number];

export const backgrounds = ['plain', 'gradient', 'noisy', 'two-tone'] as const;
export type BackgroundKind = (typeof backgrounds)[number];

export const tones = ['dark', 'light'] as const;
export type Tone = (typeof tones)[number];

export const places = [
  'top left',
  'top right',
  'bottom left',
  'bottom right',
  'middle',
  'top',
  'bottom',
  'left',
  'right',
] as const;
export type Place = (typeof places)[number];

export const relations = ['left of', 'right of', 'above', 'below'] as const;
export type Relation = (typeof relations)[number];

export const opposite: Record<Relation, Relation> = {
  'left of': 'right of',
  'right of': 'left of',
  above: 'below',
  below: 'above',
};

/** Object side as a fraction of the picture side: [low, high]. The gaps keep the three names apart. */
export const sizeRange: Record<Size, readonly [number, number]> = {
  small: [0.19, 0.22],
  medium: [0.28, 0.32],
  large: [0.4, 0.46],
};

/** Hue in degrees, saturation and lightness in percent, each with the half-width of its jitter. */
export interface ColourRange {
  readonly hue: readonly [number, number];
  readonly saturation: readonly [number, number];
  readonly lightness: readonly [number, number];
}

export const colourRange: Record<Colour, ColourRange> = {
  red: { hue: [0, 5], saturation: [82, 8], lightness: [46, 5] },
  orange: { hue: [29, 4], saturation: [94, 5], lightness: [53, 4] },
  yellow: { hue: [54, 4], saturation: [94, 5], lightness: [56, 5] },
  green: { hue: [128, 16], saturation: [62, 12], lightness: [37, 6] },
  blue: { hue: [220, 11], saturation: [78, 10], lightness: [47, 6] },
  purple: { hue: [280, 9], saturation: [62, 9], lightness: [41, 5] },
  pink: { hue: [336, 8], saturation: [84, 8], lightness: [76, 4] },
  brown: { hue: [25, 5], saturation: [56, 8], lightness: [27, 4] },
  black: { hue: [0, 180], saturation: [6, 6], lightness: [7, 4] },
  white: { hue: [0, 180], saturation: [8, 8], lightness: [97, 2] },
  grey: { hue: [0, 180], saturation: [3, 3], lightness: [51, 6] },
};
