/**
 * Tables of regions as bottom-up attention writes them: one line for each picture, with boxes and features as base64 of
 * float32. Read are its own columns and those of LXMERT's extraction. Pure.
 * Sources: Anderson et al., Bottom-Up and Top-Down Attention (2018); Tan and Bansal, LXMERT (2019).
 */
import { WeftError } from '../../errors.ts';
import { type SeenRegions, seenRegions } from './seen-regions.ts';

/** Columns by how many there are. */
const LAYOUTS: Readonly<Record<number, readonly string[]>> = {
  6: ['id', 'width', 'height', 'regions', 'boxes', 'features'],
  10: [
    'id',
    'height',
    'width',
    'objects',
    'objectScores',
    'attributes',
    'attributeScores',
    'regions',
    'boxes',
    'features',
  ],
};
const MOST_REGIONS = 10_000;
const TAB = 0x09;
const NEWLINE = 0x0a;

export interface RegionLine {
  /** The picture's id, as the first column has it. */
  readonly id: string;
  /** Counted from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Lines that are not empty, in order; nothing but the first column is looked at. */
export function* regionLines(bytes: Uint8Array): Generator<RegionLine> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0, number = 1; start < file.length; number += 1) {
    const found = file.indexOf(NEWLINE, start);
    const end = found < 0 ? file.length : found;
    const line = file.subarray(start, file[end - 1] === 0x0d ? end - 1 : end);
    start = end + 1;
    if (line.length === 0) continue;
    const first = line.indexOf(TAB);
    yield { id: line.toString('utf8', 0, first < 0 ? line.length : first), number, bytes: line };
  }
}

/** @param path how errors name the file. Throws `input/bad-file`. */
export function readRegionLine({ bytes, number }: RegionLine, path: string): SeenRegions {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-file', {
      expected: 'a table of regions (.tsv)',
      path,
      reason: `line ${number} ${reason}`,
    });
  };
  const cells = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\t');
  const layout =
    LAYOUTS[cells.length] ?? fail(`has ${cells.length} columns, expected ${Object.keys(LAYOUTS).join(' or ')}`);
  const cell = (name: string) => cells[layout.indexOf(name)]!;
  const count = (name: string, most: number) => {
    const value = Number(cell(name));
    const fits = /^\d+$/.test(cell(name)) && value >= 1 && value <= most;
    return fits
      ? value
      : fail(`has "${cell(name).slice(0, 20)}" as its ${name}, expected a whole number from 1 to ${most}`);
  };
  const regions = count('regions', MOST_REGIONS);
  const size = { width: count('width', 2 ** 20), height: count('height', 2 ** 20) };
  const numbers = (name: string) =>
    decodeFloats(cell(name)) ?? fail(`has ${name} that are no base64 of finite float32`);
  const [boxes, features] = [numbers('boxes'), numbers('features')];
  if (boxes.length !== 4 * regions) fail(`has ${boxes.length} numbers of boxes for ${regions} regions`);
  if (features.length === 0 || features.length % regions !== 0) {
    fail(`has ${features.length} numbers of features, no multiple of its ${regions} regions`);
  }
  return seenRegions({ data: features, shape: [regions, features.length / regions] }, `${path}, line ${number}`, {
    boxes: { data: boxes, shape: [regions, 4] },
    size,
  });
}

/** Python's base64 has no line breaks; undefined for anything else. */
function decodeFloats(text: string): Float32Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  if (bytes.length % 4 !== 0) return undefined;
  const numbers = new Float32Array(bytes.buffer);
  return numbers.every(Number.isFinite) ? numbers : undefined;
}
