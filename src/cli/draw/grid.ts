/** Rows and columns as an aligned table: numbers to the right, the last text column cut to fit. Pure. */
import { type Colors, printable } from '../terminal.ts';
import { clip, padEnd, padStart, widest } from './columns.ts';

export type Cell = string | number | null;

const GAP = 2;

export interface GridOptions {
  readonly columns: number;
  readonly colors: Colors;
  readonly mostRows?: number;
}

export function drawGrid(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  { columns, colors, mostRows = 50 }: GridOptions,
): string[] {
  const shown = rows.slice(0, mostRows);
  const rightAligned = header.map((_, column) => shown.length > 0 && shown.every((row) => isNumeric(row[column])));
  const decimals = header.map((_, column) => commonDecimals(shown.map((row) => row[column] ?? null)));
  const texts = shown.map((row) =>
    header.map((_, column) => {
      const cell = row[column] ?? null;
      // Points stand below each other: 0.69 beside 0.814 is 0.690.
      const digits = decimals[column];
      return digits !== undefined && typeof cell === 'number' && !Number.isInteger(cell)
        ? cell.toFixed(digits)
        : formatCell(cell);
    }),
  );
  const widths = shrinkToFit(
    header.map((name, column) => widest([printable(name), ...texts.map((row) => row[column] ?? '')])),
    rightAligned,
    columns,
  );
  const draw = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const text = clip(cell, width);
        return rightAligned[column] ? padStart(text, width) : padEnd(text, width);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const lines = [colors.dim(draw(header.map(printable))), ...texts.map(draw)];
  if (rows.length > shown.length) lines.push(colors.dim(`… ${rows.length - shown.length} more rows`));
  return lines;
}

function formatCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return printable(cell);
  return Number.isInteger(cell) ? String(cell) : Number(cell.toPrecision(4)).toString();
}

/** Digits behind the point that show each number with four digits that count; undefined where exponents are needed. */
function commonDecimals(cells: readonly Cell[]): number | undefined {
  const texts = cells.filter((cell) => typeof cell === 'number').map(formatCell);
  if (texts.some((text) => text.includes('e'))) return undefined;
  return Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
}

function isNumeric(cell: Cell | undefined): boolean {
  return typeof cell === 'number' || cell === null || cell === undefined;
}

/** Takes what is missing from the widest text columns, never below 8 characters. */
function shrinkToFit(widths: readonly number[], fixed: readonly boolean[], columns: number): number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, 0) + GAP * (fitted.length - 1) - columns;
  while (excess > 0) {
    const column = fitted.reduce(
      (best, width, at) => (!fixed[at] && width > 8 && width > (fitted[best] ?? 0) ? at : best),
      -1,
    );
    if (column < 0) break;
    fitted[column] = (fitted[column] ?? 0) - 1;
    excess -= 1;
  }
  return fitted;
}
