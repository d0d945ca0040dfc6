/** One value as lines of text: bars, tables or a sentence. Pure. */
import { readDecodingTrace } from '../../protocol/decoding-trace.ts';
import type { TableValue, Value } from '../../protocol/value.ts';
import { type Colors, printable } from '../terminal.ts';
import { drawBars } from './bars.ts';
import { drawGrid } from './grid.ts';

export interface DrawOptions {
  readonly columns: number;
  readonly colors: Colors;
  /** The key of the item, where it is shown: a value of the same name need not repeat it. */
  readonly key?: string;
}

export function drawValue(value: Value, options: DrawOptions): string[] {
  const { colors } = options;
  switch (value.kind) {
    case 'Scores':
      return value.entries.length === 0 ? [colors.dim('no scores')] : drawBars(value, options.columns, colors);
    case 'Boxes':
      return drawBoxes(value, options);
    case 'Table':
      return drawTable(value, options);
    case 'Masks':
      return drawMasks(value, options);
    case 'Text':
      return [printable(value.text)];
    case 'Caption':
      return [printable(value.text) + certainty(value.score, colors)];
    case 'Answer':
      return drawAnswer(value, options);
    case 'Labels':
      return [value.labels.map(printable).join(', ')];
    case 'Tokens':
      return [colors.dim(`${value.ids.length} tokens: `) + preview(value.ids)];
    case 'Image':
      return [colors.dim(`picture, ${value.width} x ${value.height}`) + named(value.name, options)];
    case 'Video':
      return [colors.dim(`video, ${value.frames.length} frames`) + named(value.name, options)];
    case 'Tensor':
      return [colors.dim(`tensor, ${value.dtype} ${value.shape.join(' x ')}`)];
    case 'Features':
      return [colors.dim(`features, ${value.seq} x ${value.dim}`)];
    case 'Embedding':
      return [
        colors.dim(`embedding of ${value.data.length} numbers, space ${value.space}`) + named(value.label, options),
      ];
    case 'Model':
      return [colors.dim(`model ${value.model}: `) + printable(value.ref)];
  }
}

/** Values that take one line, and may stand beside the name of their item. */
export function isOneLine(value: Value): boolean {
  return value.kind !== 'Scores' && value.kind !== 'Boxes' && value.kind !== 'Table' && value.kind !== 'Masks';
}

/** Why words were chosen is many rows, which `--explain` shows step by step. */
function drawTable(value: TableValue, options: DrawOptions): string[] {
  const trace = readDecodingTrace(value);
  if (trace === undefined) return drawGrid(value.columns, value.rows, options);
  return [options.colors.dim(`${trace.steps.length} steps; --explain shows why each word was chosen`)];
}

function drawBoxes(value: Extract<Value, { kind: 'Boxes' }>, options: DrawOptions): string[] {
  const { boxes, imageWidth, imageHeight } = value;
  const count = `${boxes.length} ${boxes.length === 1 ? 'box' : 'boxes'} in ${imageWidth} x ${imageHeight}`;
  if (boxes.length === 0) return [options.colors.dim(count)];
  const rows = boxes.map(({ label, score, x, y, width, height }) => [
    label,
    Number(score.toFixed(3)),
    ...[x, y, width, height].map(Math.round),
  ]);
  return [options.colors.dim(count), ...drawGrid(['label', 'score', 'x', 'y', 'width', 'height'], rows, options)];
}

function drawMasks({ masks, width, height }: Extract<Value, { kind: 'Masks' }>, options: DrawOptions): string[] {
  const rows = masks.map(({ label, score, data }) => {
    let area = 0;
    for (const pixel of data) if (pixel !== 0) area += 1;
    return [label, Number(score.toFixed(3)), Number(((100 * area) / Math.max(1, width * height)).toFixed(1))];
  });
  return drawGrid(['label', 'score', 'area %'], rows, options);
}

function drawAnswer(value: Extract<Value, { kind: 'Answer' }>, { colors }: DrawOptions): string[] {
  const others = (value.alternatives ?? []).filter(({ label }) => label !== value.text).slice(0, 3);
  const note = others.map(({ label, score }) => `${printable(label)} ${percent(score)}`).join(', ');
  return [printable(value.text) + certainty(value.score, colors) + (note === '' ? '' : colors.dim(`  (or ${note})`))];
}

function certainty(score: number | undefined, colors: Colors): string {
  return score === undefined ? '' : colors.dim(`  ${percent(score)}`);
}

function percent(score: number): string {
  return score >= 0 && score <= 1 ? `${(score * 100).toFixed(1)} %` : score.toFixed(3);
}

function named(name: string | undefined, { key }: DrawOptions): string {
  return name === undefined || name === key ? '' : `  ${printable(name)}`;
}

function preview(ids: readonly number[]): string {
  return ids.length > 16 ? `${ids.slice(0, 16).join(' ')} …` : ids.join(' ');
}
