/**
 * Masks and boxes with labels, and scores as a caption bar, drawn onto a copy of a picture for people to look at.
 * Drawn as SVG by sharp; every text is escaped. Must not touch files. Texts need a font on the machine.
 */

import { labelColours, readableOn } from '../protocol/label-colour.ts';
import type { Box, ImageValue, MasksValue, ScoreEntry } from '../protocol/value.ts';
import { pixelSource } from './encode.ts';
import { boxesOfMasks, paintMasks } from './mask-paint.ts';

export interface Overlay {
  readonly boxes?: readonly Box[];
  /** Of the picture's own size; drawn below the boxes. */
  readonly masks?: MasksValue;
  /** Drawn below the picture, in this order. */
  readonly scores?: readonly ScoreEntry[];
  /** Scores are shares of 1 and shown as percent. */
  readonly normalized?: boolean;
  /** Smaller pictures are enlarged by a whole factor until their longer side has this many pixels. */
  readonly minSide?: number;
}

/** Width of a letter over the font size, generous: DejaVu Sans Bold averages 0.66. */
const LETTER = 0.68;
const FONT = `font-family="sans-serif" font-weight="bold"`;

/** A new picture: enlarged where small, taller where scores are drawn. 8-bit RGB. */
export async function drawOverlay(image: ImageValue, overlay: Overlay): Promise<ImageValue> {
  const { boxes = [], masks, scores = [], normalized = true, minSide = 480 } = overlay;
  const factor = Math.max(1, Math.ceil(minSide / Math.max(image.width, image.height)));
  const width = image.width * factor;
  const height = image.height * factor;
  const fontSize = clamp(Math.round(Math.max(width, height) / 44), 11, 48);
  const bar = scores.length === 0 ? 0 : captionHeight(scores.length, fontSize);
  const colours = labelColours([...boxes, ...(masks?.masks ?? []), ...scores].map(({ label }) => label));
  // The best box comes first and is drawn last, on top; tags lie on top of every box.
  const drawing = { factor, fontSize, picture: { width, height }, colours };
  const lastToFirst = [...boxes].reverse();
  const masked = masks === undefined ? [] : boxesOfMasks(masks).reverse();
  const marks = [
    ...lastToFirst.map((box) => frameMark(box, drawing)),
    ...[...masked, ...lastToFirst].map((box) => tagMark(box, drawing)),
    ...(bar === 0 ? [] : [captionMark(scores, normalized, drawing)]),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + bar}">${marks.join('')}</svg>`;

  // Nearest keeps the pixels of a small picture as they are. Two steps: sharp would enlarge after composing.
  const base = await pixelSource(image)
    .resize(width, height, { kernel: 'nearest', fit: 'fill' })
    .extend({ bottom: bar, background: '#16181d' })
    .raw()
    .toBuffer();
  const paint = masks === undefined ? [] : [{ input: await maskLayer(masks, drawing), left: 0, top: 0 }];
  const drawn = await pixelSource({ data: base, width, height: height + bar })
    .composite([...paint, { input: Buffer.from(svg), left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  const name = image.name === undefined ? {} : { name: image.name };
  return { kind: 'Image', data: new Uint8Array(drawn), width, height: height + bar, ...name };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Drawing {
  readonly factor: number;
  readonly fontSize: number;
  readonly picture: Size;
  readonly colours: ReadonlyMap<string, string>;
}

/** A PNG of the enlarged picture's size. */
function maskLayer(masks: MasksValue, { picture: { width, height }, colours }: Drawing): Promise<Buffer> {
  const painted = pixelSource(paintMasks(masks, colours));
  return painted.resize(width, height, { kernel: 'nearest', fit: 'fill' }).png({ compressionLevel: 1 }).toBuffer();
}

function frameMark(box: Box, { factor, fontSize, colours }: Drawing): string {
  return (
    `<rect x="${n(box.x * factor)}" y="${n(box.y * factor)}" width="${n(box.width * factor)}" ` +
    `height="${n(box.height * factor)}" fill="none" stroke="${colours.get(box.label)}" ` +
    `stroke-width="${n(strokeWidth(fontSize))}"/>`
  );
}

/** Above the box where there is room, else inside its upper edge; never beyond the picture. */
function tagMark(box: Box, { factor, fontSize, picture, colours }: Drawing): string {
  const colour = colours.get(box.label) ?? '#ffffff';
  const text = shorten(`${box.label} ${box.score.toFixed(2)}`, picture.width / (fontSize * LETTER));
  const width = text.length * fontSize * LETTER + fontSize * 0.5;
  const height = fontSize * 1.3;
  const top = box.y * factor;
  const x = clamp(box.x * factor - strokeWidth(fontSize) / 2, 0, Math.max(0, picture.width - width));
  const y = clamp(top - height >= 0 ? top - height : top, 0, Math.max(0, picture.height - height));
  return (
    `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${colour}"/>` +
    `<text x="${n(x + fontSize * 0.25)}" y="${n(y + fontSize)}" ${FONT} font-size="${fontSize}" ` +
    `fill="${readableOn(colour)}">${escapeText(text)}</text>`
  );
}

function strokeWidth(fontSize: number): number {
  return Math.max(2, fontSize / 7);
}

function captionHeight(rows: number, fontSize: number): number {
  return Math.ceil(fontSize * (0.8 + 1.5 * rows));
}

/** One row per score: the label, a bar of that length, the number. */
function captionMark(
  scores: readonly ScoreEntry[],
  normalized: boolean,
  { fontSize, picture: { width, height: top }, colours }: Drawing,
): string {
  const space = fontSize * 0.5;
  const numberWidth = fontSize * LETTER * 6;
  const longest = Math.max(...scores.map(({ label }) => label.length));
  const labelWidth = Math.min(longest * fontSize * LETTER + space, width * 0.5);
  const barWidth = Math.max(0, width - labelWidth - numberWidth - 3 * space);
  const highest = normalized ? 1 : Math.max(...scores.map(({ score }) => score), Number.MIN_VALUE);
  return scores
    .map(({ label, score }, index) => {
      const y = top + fontSize * (0.6 + 1.5 * index);
      const filled = clamp(score / highest, 0, 1) * barWidth;
      const shown = normalized ? `${(score * 100).toFixed(1)}%` : score.toFixed(3);
      const baseline = n(y + fontSize * 0.95);
      const colour = colours.get(label);
      return (
        `<text x="${n(space)}" y="${baseline}" ${FONT} font-size="${fontSize}" fill="#ffffff">` +
        `${escapeText(shorten(label, (labelWidth - space) / (fontSize * LETTER)))}</text>` +
        `<rect x="${n(labelWidth + space)}" y="${n(y)}" width="${n(barWidth)}" height="${fontSize}" fill="#31353f"/>` +
        `<rect x="${n(labelWidth + space)}" y="${n(y)}" width="${n(filled)}" height="${fontSize}" fill="${colour}"/>` +
        `<text x="${n(width - space)}" y="${baseline}" ${FONT} font-size="${fontSize}" fill="#ffffff" ` +
        `text-anchor="end">${shown}</text>`
      );
    })
    .join('');
}

function shorten(text: string, letters: number): string {
  const all = [...text];
  const room = Math.max(1, Math.floor(letters + 0.01));
  return all.length <= room ? text : `${all.slice(0, room - 1).join('')}…`;
}

/** Text as SVG content; what XML cannot hold becomes a replacement mark. */
export function escapeText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what XML forbids.
      .replaceAll(/[\u0000-\u001f\u007f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** A short number: SVG is text. */
function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
