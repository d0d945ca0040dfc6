/** Values in words: one short line for a node on the canvas, and numbers as people read them. Pure. */
import type { JsonValue } from '../../../src/protocol/index.ts';

export function describeValue(value: JsonValue): string {
  switch (value.kind) {
    case 'Image':
      return `${value.width} × ${value.height}${value.name === undefined ? '' : ` · ${value.name}`}`;
    case 'Video':
      return `${count(value.frames, 'frame')} · ${value.width} × ${value.height}`;
    case 'Text':
    case 'Caption':
    case 'Answer':
      return value.text;
    case 'Tokens':
      return count(value.ids.length, 'token');
    case 'Tensor':
      return `${value.dtype} · ${value.shape.join(' × ')}`;
    case 'Features':
      return `${value.seq} × ${value.dim} features`;
    case 'Embedding':
      return `${value.dim} numbers${value.label === undefined ? '' : ` · ${value.label}`}`;
    case 'Labels':
      return value.labels.join(', ');
    case 'Scores': {
      const best = value.entries[0];
      return best === undefined ? 'no scores' : `${best.label} · ${score(best.score, value.normalized)}`;
    }
    case 'Boxes':
      return count(value.boxes.length, 'box', 'boxes');
    case 'Masks':
      return count(value.masks.length, 'mask');
    case 'Table':
      return `${count(value.rows.length, 'row')} · ${count(value.columns.length, 'column')}`;
    case 'Model':
      return value.ref;
  }
}

/** A probability as per cent, a similarity with three decimals. */
export function score(value: number, normalized: boolean): string {
  if (!normalized) return value.toFixed(3);
  const percent = value * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent < 99.95 && percent > 0 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1) return '< 1 ms';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

export function bytes(number: number): string {
  if (number < 1000) return `${number} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = number;
  let unit = -1;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
