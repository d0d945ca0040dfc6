/** How much memory a value holds, for the bounds of caches and queues: arrays exactly, the rest about right. */
import type { Value } from '../protocol/value.ts';

const OBJECT_BYTES = 64;

export function valueBytes(value: Value): number {
  switch (value.kind) {
    case 'Image':
      return OBJECT_BYTES + value.data.byteLength;
    case 'Video':
      return value.frames.reduce((sum, frame) => sum + OBJECT_BYTES + frame.data.byteLength, OBJECT_BYTES);
    case 'Tensor':
    case 'Features':
    case 'Embedding':
      return OBJECT_BYTES + value.data.byteLength;
    case 'Masks':
      return value.masks.reduce((sum, mask) => sum + OBJECT_BYTES + mask.data.byteLength, OBJECT_BYTES);
    case 'Text':
    case 'Caption':
    case 'Answer':
      return OBJECT_BYTES + 2 * value.text.length;
    case 'Tokens':
      return OBJECT_BYTES + 8 * (value.ids.length + (value.mask?.length ?? 0));
    case 'Labels':
      return value.labels.reduce((sum, label) => sum + 16 + 2 * label.length, OBJECT_BYTES);
    case 'Scores':
      return value.entries.reduce((sum, { label }) => sum + OBJECT_BYTES + 2 * label.length, OBJECT_BYTES);
    case 'Boxes':
      return value.boxes.reduce((sum, { label }) => sum + 2 * OBJECT_BYTES + 2 * label.length, OBJECT_BYTES);
    case 'Table':
      return value.rows.reduce(
        (sum, row) => row.reduce((all: number, cell) => all + cellBytes(cell), sum + 32),
        OBJECT_BYTES,
      );
    case 'Model':
      return OBJECT_BYTES;
  }
}

export function outputsBytes(outputs: Readonly<Record<string, Value>>): number {
  let bytes = OBJECT_BYTES;
  for (const name in outputs) bytes += valueBytes(outputs[name]!);
  return bytes;
}

function cellBytes(cell: string | number | null): number {
  return typeof cell === 'string' ? 16 + 2 * cell.length : 8;
}
