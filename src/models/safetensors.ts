/**
 * Reads a safetensors file that is in memory: an 8-byte length, a JSON header of names, dtypes, shapes and offsets,
 * then the data. Checks every bound before it is used; holds views, copies nothing.
 * Not for large checkpoints: those are memory-mapped by the addon.
 */
import { WeftError } from '../errors.ts';

/** Bytes of one element. */
const ELEMENT_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type SafetensorsDtype = keyof typeof ELEMENT_BYTES;

export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Little-endian elements, row-major; a view of the file, at any alignment. */
  readonly bytes: Uint8Array;
}

/** The reference implementation's own bound. */
const MOST_HEADER_BYTES = 100_000_000;

/**
 * @param path only names the file in messages
 * @throws WeftError input/bad-file
 */
export function parseSafetensors(file: Uint8Array, path: string): ReadonlyMap<string, SafetensorsEntry> {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-file', { expected: 'a safetensors file', path, reason });
  };
  if (file.length < 8) fail(`it has only ${file.length} bytes`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MOST_HEADER_BYTES || headerBytes > file.length - 8) {
    fail(`its header claims ${headerBytes} bytes of a file of ${file.length}`);
  }
  const data = file.subarray(8 + headerBytes);
  const header = parseHeader(file.subarray(8, 8 + headerBytes), fail);
  const entries = new Map<string, SafetensorsEntry>();
  const ranges: { name: string; start: number; end: number }[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, start, end } = checkedEntry(name, value, data.length, fail);
    entries.set(name, { dtype, shape, bytes: data.subarray(start, end) });
    ranges.push({ name, start, end });
  }
  checkCoverage(ranges, data.length, fail);
  return entries;
}

type Fail = (reason: string) => never;

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return fail('its header is no object');
  return header as Record<string, unknown>;
}

function checkedEntry(name: string, value: unknown, dataBytes: number, fail: Fail) {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    return fail(`tensor "${name}" has dtype ${JSON.stringify(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) return fail(`tensor "${name}" has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail(`tensor "${name}" has no valid data_offsets`);
  }
  const [start, end] = offsets as [number, number];
  const bytes = shape.reduce(
    (product: number, side: number) => product * side,
    ELEMENT_BYTES[dtype as SafetensorsDtype],
  );
  if (start > end || end > dataBytes) return fail(`tensor "${name}" lies outside the file`);
  if (end - start !== bytes) return fail(`tensor "${name}" has ${end - start} bytes where its shape needs ${bytes}`);
  return { dtype: dtype as SafetensorsDtype, shape: shape as number[], start, end };
}

/** Tensors lie end to end and fill the file: no byte belongs to two of them, or to none. */
function checkCoverage(ranges: { name: string; start: number; end: number }[], dataBytes: number, fail: Fail): void {
  let covered = 0;
  for (const { name, start, end } of ranges.sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered) fail(`tensor "${name}" starts at ${start}, not at ${covered} where the one before ends`);
    covered = end;
  }
  if (covered !== dataBytes) fail(`${dataBytes - covered} bytes after the last tensor belong to none`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export type SafetensorsArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** The elements as a typed array of their own memory; F16, BF16 as their bits, F8 and BOOL as bytes. */
export function safetensorsElements({ dtype, bytes }: SafetensorsEntry): SafetensorsArray {
  // A copy: the file's views are at any alignment, typed arrays are not. All platforms Weft runs on are little-endian.
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'I8':
      return new Int8Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'U16':
    case 'F16':
    case 'BF16':
      return new Uint16Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'U32':
      return new Uint32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U64':
      return new BigUint64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
