/** The outputs of a run: each under its name, several items under their keys. Pure. */
import type { OutputItem } from '../../protocol/run.ts';
import { printable } from '../terminal.ts';
import { clip, padEnd, widest } from './columns.ts';
import { type DrawOptions, drawValue, isOneLine } from './value.ts';

const INDENT = '  ';

export function drawOutputs(outputs: Readonly<Record<string, readonly OutputItem[]>>, options: DrawOptions): string[] {
  return Object.entries(outputs).flatMap(([name, items], index) => [
    ...(index === 0 ? [] : ['']),
    options.colors.bold(printable(name)),
    ...drawItems(items, options).map((line) => (line === '' ? '' : INDENT + line)),
  ]);
}

function drawItems(items: readonly OutputItem[], options: DrawOptions): string[] {
  const inside = { ...options, columns: options.columns - INDENT.length };
  if (items.length === 0) return [options.colors.dim('nothing')];
  if (items.every(({ item }) => item === undefined)) return items.flatMap(({ value }) => drawValue(value, inside));
  if (items.every(({ value }) => isOneLine(value))) return drawBesideKeys(items, inside);
  return items.flatMap(({ item, value }, index) => [
    ...(index === 0 ? [] : ['']),
    options.colors.underline(printable(item?.key ?? '')),
    ...drawValue(value, inside).map((line) => INDENT + line),
  ]);
}

function drawBesideKeys(items: readonly OutputItem[], options: DrawOptions): string[] {
  const keys = items.map(({ item }) => clip(printable(item?.key ?? ''), Math.floor(options.columns * 0.4)));
  const width = widest(keys);
  return items.map(({ item, value }, row) => {
    const lines = drawValue(value, { ...options, ...(item === undefined ? {} : { key: item.key }) });
    return `${padEnd(keys[row] ?? '', width)}  ${lines.join(' ')}`;
  });
}
