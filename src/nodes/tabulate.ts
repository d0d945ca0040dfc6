/** Results as rows of one table, and a table as CSV or JSON. Pure. */
import { WeftError } from '../errors.ts';
import type { TableValue, Value } from '../protocol/value.ts';

type Cell = TableValue['rows'][number][number];
interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** All values in one table: they must be of one kind, tables of the same columns. Throws run/bad-input. */
export function tabulate(values: readonly Value[], socket: string): TableValue {
  let columns: readonly string[] = [];
  const rows: (readonly Cell[])[] = [];
  for (const [index, value] of values.entries()) {
    const part = rowsOf(value, socket);
    if (index === 0) columns = part.columns;
    else if (part.columns.join('\0') !== columns.join('\0')) {
      throw new WeftError('run/bad-input', {
        expected: `rows with the columns ${columns.join(', ')}`,
        socket,
        received: `rows with ${part.columns.join(', ')}`,
      });
    }
    rows.push(...part.rows);
  }
  return { kind: 'Table', columns, rows };
}

function rowsOf(value: Value, socket: string): Rows {
  switch (value.kind) {
    case 'Table':
      return value;
    case 'Scores': {
      const rows = value.entries.map(({ label, score }, index) => [value.subject ?? null, index + 1, label, score]);
      return { columns: ['subject', 'rank', 'label', 'score'], rows };
    }
    case 'Boxes': {
      const rows = value.boxes.map(({ label, score, x, y, width, height }) => {
        return [value.subject ?? null, label, score, x, y, width, height];
      });
      return { columns: ['subject', 'label', 'score', 'x', 'y', 'width', 'height'], rows };
    }
    case 'Masks': {
      const rows = value.masks.map(({ label, score, data }) => [label, score, data.reduce((sum, bit) => sum + bit, 0)]);
      return { columns: ['label', 'score', 'area'], rows };
    }
    case 'Text':
      return { columns: ['text', 'label'], rows: [[value.text, value.label ?? null]] };
    case 'Caption':
    case 'Answer':
      return { columns: ['text', 'score'], rows: [[value.text, value.score ?? null]] };
    case 'Labels':
      return { columns: ['label'], rows: value.labels.map((label) => [label]) };
    case 'Image':
      return { columns: ['name', 'width', 'height'], rows: [[value.name ?? null, value.width, value.height]] };
    case 'Embedding': {
      const columns = ['label', ...Array.from(value.data, (_, index) => `d${index}`)];
      return { columns, rows: [[value.label ?? null, ...value.data]] };
    }
    default:
      throw new WeftError('run/bad-input', {
        expected: 'tables, scores, boxes, masks, texts, labels, embeddings or pictures',
        socket,
        received: value.kind,
      });
  }
}

/** RFC 4180, with a header line; cells that hold nothing are empty. */
export function toCsv({ columns, rows }: TableValue): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** A list of objects, one per row. */
export function toJsonRows({ columns, rows }: TableValue): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
  return `${JSON.stringify(objects, undefined, 2)}\n`;
}

function csvCell(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
