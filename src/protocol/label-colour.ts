/**
 * Colours of labels: the same on every machine, in saved pictures and in the editor, and different within one picture as long
 * as there are enough. Browser-safe leaf.
 */

/** 24 hues, 15 degrees apart: more could not be told apart anyway. */
const HUES = 24;
/** Coprime to the number of hues and large: two labels that want one hue end up far apart. */
const STEP = 7;

/**
 * `#rrggbb` by label, bright enough to stand out on a photo. A label keeps its colour from picture to picture unless
 * another label of the same picture, earlier in the alphabet, has it already.
 */
export function labelColours(labels: Iterable<string>): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const colours = new Map<string, string>();
  for (const label of [...new Set(labels)].sort()) {
    let hue = hueOf(label);
    for (let tries = 0; taken.has(hue) && tries < HUES; tries++) hue = (hue + STEP) % HUES;
    taken.add(hue);
    colours.set(label, fromHsl(hue * (360 / HUES), 0.85, 0.58));
  }
  return colours;
}

function hueOf(label: string): number {
  let hash = 0x811c9dc5;
  for (const letter of label) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // The low bits of FNV-1a are its weakest.
  return (hash >>> 8) % HUES;
}

/** Black or white, whichever is easier to read on the colour (WCAG relative luminance, threshold of equal contrast). */
export function readableOn(colour: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}

function fromHsl(hue: number, saturation: number, lightness: number): string {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const k = (offset + hue / 30) % 12;
    const value = lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
