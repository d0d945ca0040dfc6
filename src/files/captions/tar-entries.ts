/**
 * The files in a tar archive that lies in memory: names and where their bytes are. Nothing is unpacked, so names can lead
 * nowhere; links and devices are left out. Pure.
 * Source: POSIX.1-2017, pax interchange format; GNU tar's long names.
 */
import { WeftError } from '../../errors.ts';

export interface TarEntry {
  readonly name: string;
  /** A view of the archive. */
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const LONGEST_NAME = 4096;

/** @param path how errors name the archive. Throws `input/bad-file`. */
export function* tarEntries(archive: Uint8Array, path: string): Generator<TarEntry> {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-file', { expected: 'a tar archive', path, reason });
  };
  const file = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  /** What an entry before says about the next one. */
  let longName: string | undefined;
  for (let place = 0; place < file.length; ) {
    if (place + BLOCK > file.length) fail('it is cut off');
    const header = file.subarray(place, place + BLOCK);
    // Two blocks of zeros end an archive; some writers leave one.
    if (header.every((byte) => byte === 0)) return;
    if (!hasItsSum(header)) fail(`the header at byte ${place} has another sum than it says`);
    const size = numberAt(header, 124, 12) ?? fail(`the size at byte ${place} is no number`);
    const start = place + BLOCK;
    if (start + size > file.length) fail('it is cut off');
    const bytes = file.subarray(start, start + size);
    place = start + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    if (type === 'L') longName = textAt(bytes, 0, Math.min(size, LONGEST_NAME));
    else if (type === 'x') longName = paxPath(bytes) ?? longName;
    else {
      const name = longName ?? plainName(header);
      longName = undefined;
      if (type === '0' || type === '\0' || type === '7') yield { name, bytes };
    }
  }
}

/** The bytes of the header added up, those of the sum itself as spaces. */
function hasItsSum(header: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 0x20 : header[at]!;
  return numberAt(header, 148, 8) === sum;
}

/** Octal digits, or, with the first bit set, a big-endian number: sizes beyond 8 GiB. */
function numberAt(header: Buffer, at: number, length: number): number | undefined {
  if (header[at]! & 0x80) {
    let value = header[at]! & 0x7f;
    for (let i = 1; i < length; i += 1) value = value * 256 + header[at + i]!;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = textAt(header, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function plainName(header: Buffer): string {
  const name = textAt(header, 0, 100);
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first zero. */
function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Records "LENGTH path=NAME\n", where the length counts all of the record. */
function paxPath(bytes: Buffer): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, Math.max(at, space)));
    if (space < 0 || !Number.isSafeInteger(length) || length <= space - at) return found;
    const [, value] = /^path=(.*)\n$/s.exec(bytes.toString('utf8', space + 1, at + length)) ?? [];
    if (value !== undefined && value.length <= LONGEST_NAME) found = value;
    at += length;
  }
  return found;
}
