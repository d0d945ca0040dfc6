/** Where things are on a node, in canvas units from its top left corner. Pure: no litegraph, no drawing. */
import type { NodeDescriptor, SocketKind } from '../../../src/protocol/index.ts';
import type { Preview } from './preview.ts';

export const NODE_WIDTH = 240;
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
export const RESULT_LINES = 4;
/** Answers that fit into the room of a text. */
export const ANSWER_BARS = 3;
export const MAX_TABLE_ROWS = 5;
export const MAX_CANDIDATES = 5;
export const TRACE_ROW = 19;
/** Above the candidates: the text, and names of the columns. */
export const TRACE_TOP = 44;
/** With room for how many more there are. */
const TRACE_HEIGHT = TRACE_TOP + (MAX_CANDIDATES + 1) * TRACE_ROW + 4;
export const PICTURE_HEIGHT = 172;
const STRIP_HEIGHT = 38;

/**
 * By kind, not by content where that can be helped: a node must not grow over its neighbours when its result comes.
 * What is still to come (a placeholder) takes the room that the usual result will.
 */
function previewHeight(preview: Preview): number {
  switch (preview.kind) {
    case 'placeholder':
      return preview.isTraced === true ? TRACE_HEIGHT + PAGER_HEIGHT : placeholderHeight(preview.of);
    case 'picture':
    case 'boxes':
      return PICTURE_HEIGHT;
    case 'bars':
      return (
        (preview.most === undefined ? barsHeight(MAX_BARS) : linesHeight(RESULT_LINES)) +
        (preview.pages > 1 ? PAGER_HEIGHT : 0)
      );
    case 'text':
      return (
        linesHeight(preview.isResult === true ? RESULT_LINES : preview.lines.length) +
        (preview.pages > 1 ? PAGER_HEIGHT : 0)
      );
    case 'table':
      return linesHeight(1 + MAX_TABLE_ROWS) + (preview.pages > 1 ? PAGER_HEIGHT : 0);
    case 'trace':
      return TRACE_HEIGHT + (preview.pages > 1 ? PAGER_HEIGHT : 0);
    case 'strip':
      return STRIP_HEIGHT;
    case 'line':
      return 22;
  }
}

export const PAGER_HEIGHT = 24;

function placeholderHeight(of: SocketKind): number {
  switch (of) {
    case 'Image':
    case 'Boxes':
    case 'Masks':
      return PICTURE_HEIGHT;
    case 'Scores':
      return barsHeight(MAX_BARS);
    case 'Embedding':
      return STRIP_HEIGHT;
    case 'Table':
      return linesHeight(1 + MAX_TABLE_ROWS);
    default:
      return linesHeight(RESULT_LINES);
  }
}

function barsHeight(bars: number): number {
  return 16 + bars * BAR_ROW;
}

function linesHeight(lines: number): number {
  return 14 + Math.min(Math.max(lines, 1), MAX_LINES) * TEXT_ROW;
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
