/** Draws what a node shows of its results: picture, boxes on the picture, bars, text, table. Changes nothing. */
import { type Box, labelColours, readableOn, type ScoreEntry } from '../../../src/protocol/index.ts';
import { score } from '../run/value-text.ts';
import { fitText, roundedRect, textWidth, write } from './draw-text.ts';
import { drawTrace } from './draw-trace.ts';
import {
  BAR_ROW,
  fitInside,
  MAX_BARS,
  MAX_LINES,
  MAX_TABLE_ROWS,
  PAGER_HEIGHT,
  RESULT_LINES,
  type Rect,
  TEXT_ROW,
} from './node-geometry.ts';
import type { Preview } from './preview.ts';
import { font, INK, SOCKET_COLORS } from './theme.ts';

export function drawPreview(context: CanvasRenderingContext2D, preview: Preview, rect: Rect): void {
  if (preview.kind === 'line') {
    write(context, preview.text, rect.x + 2, rect.y + rect.height / 2, {
      font: font(11.5, 450),
      color: INK.muted,
      width: rect.width - 4,
    });
    return;
  }
  // On a picture the pager lies over its lower edge.
  const isOver = preview.kind === 'picture' || preview.kind === 'boxes';
  const pager = preview.pages > 1 ? PAGER_HEIGHT : 0;
  const inner: Rect = { ...rect, height: rect.height - (isOver ? 0 : pager) };
  context.save();
  roundedRect(context, inner.x, inner.y, inner.width, inner.height, 7);
  context.fillStyle = INK.inset;
  context.fill();
  context.clip();
  drawContent(context, preview, inner);
  if (isOver && pager > 0) {
    context.fillStyle = 'rgba(18, 20, 25, 0.78)';
    context.fillRect(rect.x, rect.y + rect.height - pager, rect.width, pager);
  }
  context.restore();
  if (pager > 0) drawPager(context, preview, { ...rect, y: rect.y + rect.height - pager, height: pager });
}

function drawContent(context: CanvasRenderingContext2D, preview: Preview, rect: Rect): void {
  switch (preview.kind) {
    case 'placeholder':
      drawPlaceholder(context, placeholderText(preview.of, preview.isSource === true), rect);
      break;
    case 'picture':
      drawPicture(context, preview.behind?.image, rect, preview.width, preview.height);
      drawPicture(context, preview.picture.image, rect, preview.width, preview.height);
      if (preview.legend !== undefined) drawLegend(context, preview.legend, rect);
      break;
    case 'boxes':
      drawBoxes(context, preview, rect);
      break;
    case 'bars':
      drawBars(context, preview, rect);
      break;
    case 'text':
      drawLines(context, preview.lines, preview.isResult === true ? RESULT_LINES : MAX_LINES, rect);
      break;
    case 'table':
      drawTable(context, preview, rect);
      break;
    case 'trace':
      drawTrace(context, preview.shown, rect);
      break;
    case 'strip':
      drawStrip(context, preview.rows, preview.text, rect);
      break;
    case 'line':
      break;
  }
}

function drawPicture(
  context: CanvasRenderingContext2D,
  image: HTMLImageElement | undefined,
  rect: Rect,
  width: number,
  height: number,
): Rect {
  if (image === undefined) return rect;
  const place = fitInside(rect, width || image.naturalWidth, height || image.naturalHeight);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, place.x, place.y, place.width, place.height);
  return place;
}

function drawBoxes(context: CanvasRenderingContext2D, preview: Preview & { kind: 'boxes' }, rect: Rect): void {
  const place = fitInside(rect, Math.max(1, preview.width), Math.max(1, preview.height));
  if (preview.picture?.image !== undefined) {
    drawPicture(context, preview.picture.image, rect, preview.width, preview.height);
  }
  const scale = place.width / Math.max(1, preview.width);
  // Best last, so that its label is never covered.
  const colours = labelColours(preview.boxes.map(({ label }) => label));
  for (const box of [...preview.boxes].reverse())
    drawBox(context, box, place, scale, colours.get(box.label) ?? '#ffffff');
  if (preview.boxes.length === 0) {
    write(context, 'nothing found', rect.x + rect.width / 2, rect.y + rect.height / 2, {
      font: font(12, 450),
      color: INK.muted,
      align: 'center',
    });
  }
}

function drawBox(context: CanvasRenderingContext2D, box: Box, place: Rect, scale: number, color: string): void {
  const x = place.x + box.x * scale;
  const y = place.y + box.y * scale;
  context.lineWidth = 1.5;
  context.strokeStyle = color;
  roundedRect(context, x, y, box.width * scale, box.height * scale, 2);
  context.stroke();
  const text = `${box.label} ${Math.round(box.score * 100)}`;
  context.font = font(9.5, 600);
  const width = textWidth(context, text) + 8;
  const left = Math.min(Math.max(x, place.x), place.x + place.width - width);
  const top = y - 13 < place.y ? y : y - 13;
  drawTag(context, text, left, top, width, color);
}

const TAG_HEIGHT = 13;

function drawTag(
  context: CanvasRenderingContext2D,
  text: string,
  left: number,
  top: number,
  width: number,
  color: string,
): void {
  context.fillStyle = color;
  roundedRect(context, left, top, width, TAG_HEIGHT, 3);
  context.fill();
  const style = { font: font(9.5, 600), color: readableOn(color), width: width - 8 };
  write(context, text, left + 4, top + TAG_HEIGHT / 2, style);
}

/** What each colour of a masked picture means, as tags along its upper edge, as many as there is room for. */
function drawLegend(context: CanvasRenderingContext2D, entries: readonly ScoreEntry[], rect: Rect): void {
  const colours = labelColours(entries.map(({ label }) => label));
  let [left, top] = [rect.x + 4, rect.y + 4];
  for (const { label, score } of entries) {
    const text = `${label} ${Math.round(score * 100)}`;
    context.font = font(9.5, 600);
    const width = Math.min(textWidth(context, text) + 8, rect.width - 8);
    if (left + width > rect.x + rect.width - 4) [left, top] = [rect.x + 4, top + TAG_HEIGHT + 3];
    if (top > rect.y + rect.height / 2) return;
    drawTag(context, text, left, top, width, colours.get(label) ?? '#ffffff');
    left += width + 3;
  }
}

function drawBars(context: CanvasRenderingContext2D, preview: Preview & { kind: 'bars' }, rect: Rect): void {
  const entries = preview.entries.slice(0, preview.most ?? MAX_BARS);
  const top = Math.max(...entries.map((entry) => entry.score), preview.normalized ? 1 : 0.000001);
  const color = SOCKET_COLORS.Scores;
  const x = rect.x + 6;
  const width = rect.width - 12;
  entries.forEach((entry, index) => {
    const y = rect.y + 8 + index * BAR_ROW;
    const share = Math.min(1, Math.max(0, entry.score / top));
    roundedRect(context, x, y + 1, width, BAR_ROW - 3, 4);
    context.fillStyle = '#1f242c';
    context.fill();
    if (share > 0) {
      roundedRect(context, x, y + 1, Math.max(3, width * share), BAR_ROW - 3, 4);
      context.fillStyle = index === 0 ? `${color}85` : `${color}3d`;
      context.fill();
    }
    const value = score(entry.score, preview.normalized);
    const middle = y + BAR_ROW / 2 - 0.5;
    context.font = font(11, 600);
    const valueWidth = textWidth(context, value);
    write(context, entry.label, x + 8, middle, {
      font: font(11.5, index === 0 ? 600 : 450),
      color: index === 0 ? '#ffffff' : INK.soft,
      width: width - valueWidth - 26,
    });
    write(context, value, x + width - 7, middle, {
      font: font(11, index === 0 ? 600 : 500),
      color: index === 0 ? '#ffffff' : INK.soft,
      align: 'right',
    });
  });
  const more = preview.entries.length - entries.length;
  if (more > 0 && preview.most === undefined) {
    write(context, `and ${more} more`, x + 8, rect.y + rect.height - 12, { font: font(10.5), color: INK.muted });
  }
}

function drawLines(context: CanvasRenderingContext2D, lines: readonly string[], most: number, rect: Rect): void {
  const shown = lines.length > most ? [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more`] : lines;
  shown.forEach((line, index) => {
    const isRest = lines.length > most && index === most - 1;
    write(context, line, rect.x + 10, rect.y + 8 + TEXT_ROW * (index + 0.5), {
      font: font(11.5, 450),
      color: isRest ? INK.muted : INK.soft,
      width: rect.width - 20,
    });
  });
}

function drawTable(context: CanvasRenderingContext2D, preview: Preview & { kind: 'table' }, rect: Rect): void {
  const columns = preview.columns.slice(0, 4);
  const width = (rect.width - 16) / Math.max(1, columns.length);
  const cell = (text: string, column: number, row: number, color: string, weight: number) => {
    const x = rect.x + 8 + column * width;
    write(context, text, x, rect.y + 7 + TEXT_ROW * (row + 0.5), { font: font(11, weight), color, width: width - 8 });
  };
  columns.forEach((name, column) => {
    cell(name, column, 0, INK.muted, 550);
  });
  context.fillStyle = INK.nodeLine;
  context.fillRect(rect.x + 8, rect.y + 7 + TEXT_ROW, rect.width - 16, 1);
  preview.rows.slice(0, MAX_TABLE_ROWS).forEach((row, index) => {
    columns.forEach((_, column) => {
      cell(cellText(row[column]), column, index + 1, INK.soft, 450);
    });
  });
}

export function cellText(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

/** More rows than this are too thin to see. */
const MAX_STRIPS = 8;

/** Embeddings as rows of colour: low values blue, high values pink, so that they can be compared by eye. */
function drawStrip(
  context: CanvasRenderingContext2D,
  rows: readonly (readonly number[])[],
  text: string,
  rect: Rect,
): void {
  const shown = rows.slice(0, MAX_STRIPS);
  const height = rect.height / shown.length;
  shown.forEach((data, row) => {
    const limit = Math.max(...data.map(Math.abs), 1e-12);
    const columns = Math.min(data.length, 108);
    const width = rect.width / columns;
    for (let column = 0; column < columns; column++) {
      const value = (data[Math.floor((column * data.length) / columns)] ?? 0) / limit;
      const strength = Math.sqrt(Math.abs(value)) * 0.9;
      context.fillStyle = value < 0 ? `rgba(88, 140, 245, ${strength})` : `rgba(240, 139, 180, ${strength})`;
      context.fillRect(
        rect.x + column * width,
        rect.y + row * height,
        width + 0.4,
        height - (shown.length > 1 ? 1 : 0),
      );
    }
  });
  context.font = font(10.5, 550);
  const label = fitText(context, text, rect.width - 24);
  const labelWidth = textWidth(context, label) + 12;
  roundedRect(context, rect.x + rect.width - labelWidth - 5, rect.y + rect.height - 22, labelWidth, 17, 4);
  context.fillStyle = 'rgba(18, 20, 25, 0.82)';
  context.fill();
  write(context, label, rect.x + rect.width - 11, rect.y + rect.height - 13.5, {
    font: font(10.5, 550),
    color: INK.soft,
    align: 'right',
  });
}

const PLACEHOLDER_TEXT: Partial<Record<string, string>> = {
  Image: 'The picture appears here',
  Boxes: 'Boxes appear here',
  Scores: 'Scores appear here',
  Table: 'The table appears here',
  Caption: 'The caption appears here',
  Answer: 'The answer appears here',
  Masks: 'Masks appear here',
  Embedding: 'Numbers appear here',
};

function placeholderText(of: string, isSource: boolean): string {
  if (isSource && of === 'Image') return 'Drop a picture here';
  if (isSource && of === 'Text') return 'Type texts on the right';
  return PLACEHOLDER_TEXT[of] ?? 'The result appears here';
}

function drawPlaceholder(context: CanvasRenderingContext2D, text: string, rect: Rect): void {
  const middle = rect.y + rect.height / 2;
  context.lineWidth = 1;
  context.setLineDash([4, 4]);
  context.strokeStyle = '#39404c';
  roundedRect(context, rect.x + 0.5, rect.y + 0.5, rect.width - 1, rect.height - 1, 7);
  context.stroke();
  context.setLineDash([]);
  write(context, text, rect.x + rect.width / 2, middle, {
    font: font(11.5, 450),
    color: INK.muted,
    align: 'center',
  });
}

function drawPager(context: CanvasRenderingContext2D, preview: Preview, rect: Rect): void {
  const middle = rect.y + rect.height / 2;
  const text = `${preview.page + 1} / ${preview.pages}${preview.caption === undefined ? '' : ` · ${preview.caption}`}`;
  write(context, '‹', rect.x + 6, middle, { font: font(16, 600), color: INK.soft });
  write(context, '›', rect.x + rect.width - 6, middle, { font: font(16, 600), color: INK.soft, align: 'right' });
  write(context, text, rect.x + rect.width / 2, middle, {
    font: font(11, 450),
    color: INK.muted,
    align: 'center',
    width: rect.width - 48,
  });
}
