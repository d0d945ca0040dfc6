/** Where things are on a node, in canvas units from its top left corner. Pure: no litegraph, no drawing. */
import type { NodeDescriptor } from '../../../src/protocol/index.ts';
import type { Preview } from './preview.ts';

export const NODE_WIDTH = 260;
export const HEADER = 38;
export const ROW = 24;
export const PARAM_ROW = 21;
export const PADDING = 12;
const SECTION_GAP = 8;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface NodeGeometry {
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  /** Top of the parameter lines; undefined when there are none. */
  readonly paramsTop: number | undefined;
  readonly preview: Rect | undefined;
}

export function socketY(index: number): number {
  return HEADER + SECTION_GAP + index * ROW + ROW / 2;
}

export function nodeGeometry(
  descriptor: Pick<NodeDescriptor, 'inputs' | 'outputs'>,
  params: number,
  preview: Preview | undefined,
): NodeGeometry {
  const rows = Math.max(Object.keys(descriptor.inputs).length, Object.keys(descriptor.outputs).length);
  let y = HEADER + (rows === 0 ? 0 : SECTION_GAP + rows * ROW + SECTION_GAP);
  let paramsTop: number | undefined;
  if (params > 0) {
    paramsTop = y + SECTION_GAP - 1;
    y = paramsTop + params * PARAM_ROW + SECTION_GAP - 1;
  }
  let rect: Rect | undefined;
  if (preview !== undefined) {
    const height = previewHeight(preview);
    const bare = preview.kind === 'line';
    rect = { x: PADDING, y: y + (bare ? 0 : 2), width: NODE_WIDTH - 2 * PADDING, height };
    y = rect.y + height + (bare ? 4 : PADDING);
  }
  return { width: NODE_WIDTH, height: Math.max(y, HEADER + 6), rows, paramsTop, preview: rect };
}

export const BAR_ROW = 22;
export const TEXT_ROW = 18;
export const MAX_BARS = 6;
export const MAX_LINES = 6;
export const MAX_TABLE_ROWS = 5;

function previewHeight(preview: Preview): number {
  const pager = preview.pages > 1 ? 24 : 0;
  switch (preview.kind) {
    case 'placeholder':
      return preview.of === 'Image' || preview.of === 'Boxes' ? 132 : 64;
    case 'picture':
      return pictureHeight(preview.width, preview.height) + pager;
    case 'boxes':
      return pictureHeight(preview.width, preview.height) + pager;
    case 'bars':
      return (
        16 + Math.min(preview.entries.length, MAX_BARS) * BAR_ROW + (preview.entries.length > MAX_BARS ? 16 : 0) + pager
      );
    case 'text':
      return 16 + Math.min(preview.lines.length, MAX_LINES) * TEXT_ROW + pager;
    case 'table':
      return 14 + (1 + Math.min(preview.rows.length, MAX_TABLE_ROWS)) * TEXT_ROW + pager;
    case 'strip':
      return 30 + pager;
    case 'line':
      return 22;
  }
}

/** Whole picture at full width; very tall ones are limited and centred. */
function pictureHeight(width: number, height: number): number {
  const full = NODE_WIDTH - 2 * PADDING;
  if (width <= 0 || height <= 0) return 132;
  return Math.round(Math.min(220, Math.max(60, (full * height) / width)));
}

export function contains(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

/** The largest centred rectangle of this aspect inside another. */
export function fitInside(rect: Rect, width: number, height: number): Rect {
  const scale = Math.min(rect.width / width, rect.height / height);
  const w = width * scale;
  const h = height * scale;
  return { x: rect.x + (rect.width - w) / 2, y: rect.y + (rect.height - h) / 2, width: w, height: h };
}
