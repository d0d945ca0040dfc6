/**
 * What a zip archive holds, by its central directory: stored entries only, as torch.save writes them. Every number of the
 * file is checked against the file's size before it is used. Sources: PKWARE's APPNOTE.TXT 6.3, sections 4.3 to 4.5.
 */
import type { FileHandle } from 'node:fs/promises';
import { badCheckpoint } from './convert-error.ts';

export interface ZipEntry {
  readonly name: string;
  /** Where its bytes begin in the file. */
  readonly start: number;
  readonly size: number;
  /** CRC-32 of its bytes, as the directory has it; not compared here. */
  readonly crc: number;
}

export interface OpenFile {
  /** How errors name it. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const END_64_SIZE = 56;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
const LONGEST_COMMENT = 0xffff;

/** In a field of 32 bits: the number is in the zip64 extra field. */
const ELSEWHERE = 0xffffffff;
const ZIP64_EXTRA = 1;

const MOST_ENTRIES = 1_000_000;
const LARGEST_DIRECTORY = 256 * 2 ** 20;

/** Rejects with `input/bad-file`. */
export async function readZipDirectory(file: OpenFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const fail = (reason: string) => badCheckpoint(file.path, reason);
  const { count, size, start } = await findDirectory(file);
  if (count > MOST_ENTRIES || size > LARGEST_DIRECTORY) throw fail(`its directory of ${count} entries is too large`);
  const directory = await readBytes(file, start, size);
  const entries = new Map<string, ZipEntry>();
  let place = 0;
  for (let index = 0; index < count; index += 1) {
    if (place + CENTRAL_SIZE > size || directory.readUInt32LE(place) !== CENTRAL) throw fail('its directory is broken');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => directory.readUInt16LE(place + at));
    const end = place + CENTRAL_SIZE + nameLength! + extraLength! + commentLength!;
    if (end > size) throw fail('its directory is broken');
    const name = directory.toString('utf8', place + CENTRAL_SIZE, place + CENTRAL_SIZE + nameLength!);
    if (entries.has(name)) throw fail(`it has two entries "${shown(name)}"`);
    const extra = directory.subarray(place + CENTRAL_SIZE + nameLength!, end - commentLength!);
    entries.set(name, await readEntry(file, directory.subarray(place, end), extra, name, start));
    place = end;
  }
  return entries;
}

/** The end record stands at the end, before a comment; numbers that do not fit it are in the zip64 record. */
async function findDirectory(file: OpenFile): Promise<{ count: number; size: number; start: number }> {
  const fail = (reason: string) => badCheckpoint(file.path, reason);
  const tailStart = Math.max(0, file.size - END_SIZE - LONGEST_COMMENT);
  const tail = await readBytes(file, tailStart, file.size - tailStart);
  let place = tail.length - END_SIZE;
  while (
    place >= 0 &&
    !(tail.readUInt32LE(place) === END && place + END_SIZE + tail.readUInt16LE(place + 20) === tail.length)
  ) {
    place -= 1;
  }
  if (place < 0) throw fail('it is no zip archive: older files of torch.save must be saved again by PyTorch itself');
  const short = {
    count: tail.readUInt16LE(place + 10),
    size: tail.readUInt32LE(place + 12),
    start: tail.readUInt32LE(place + 16),
  };
  const locator = place - LOCATOR_SIZE;
  const found = locator >= 0 && tail.readUInt32LE(locator) === LOCATOR_64 ? await read64(file, tail, locator) : short;
  if (found.start + found.size > tailStart + place) throw fail('its directory lies outside the file');
  return found;
}

async function read64(file: OpenFile, tail: Buffer, locator: number) {
  const fail = (reason: string) => badCheckpoint(file.path, reason);
  const start = whole(tail.readBigUInt64LE(locator + 8));
  if (start + END_64_SIZE > file.size) throw fail('its zip64 record lies outside the file');
  const record = await readBytes(file, start, END_64_SIZE);
  if (record.readUInt32LE(0) !== END_64) throw fail('its zip64 record is broken');
  const [count, size, begin] = [32, 40, 48].map((at) => whole(record.readBigUInt64LE(at)));
  return { count: count!, size: size!, start: begin! };
}

async function readEntry(
  file: OpenFile,
  record: Buffer,
  extra: Buffer,
  name: string,
  directoryStart: number,
): Promise<ZipEntry> {
  const fail = (reason: string) => badCheckpoint(file.path, `its entry "${shown(name)}" ${reason}`);
  if ((record.readUInt16LE(8) & 1) !== 0) throw fail('is encrypted');
  if (record.readUInt16LE(10) !== 0) throw fail('is compressed, which torch.save never does');
  const fields = [24, 20, 42].map((at) => record.readUInt32LE(at));
  const longer = fields.includes(ELSEWHERE) ? zip64Fields(extra) : [];
  const [size = -1, stored = -1, local = -1] = fields.map((value) => (value === ELSEWHERE ? longer.shift() : value));
  if (size < 0 || stored !== size || local < 0) throw fail('has no sizes that fit together');
  if (local + LOCAL_SIZE > directoryStart) throw fail('lies outside the file');
  const header = await readBytes(file, local, LOCAL_SIZE);
  if (header.readUInt32LE(0) !== LOCAL) throw fail('has no header of its own');
  const start = local + LOCAL_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + size > directoryStart) throw fail('lies outside the file');
  return { name, start, size, crc: record.readUInt32LE(16) };
}

/** Numbers of 64 bits, in the order of the fields that lack them. */
function zip64Fields(extra: Buffer): number[] {
  for (let place = 0; place + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(place + 2);
    const end = place + 4 + length;
    if (extra.readUInt16LE(place) === ZIP64_EXTRA && end <= extra.length) {
      return Array.from({ length: Math.floor(length / 8) }, (_, index) =>
        whole(extra.readBigUInt64LE(place + 4 + 8 * index)),
      );
    }
    place = end;
  }
  return [];
}

/** Numbers beyond what a file can be long stay too large for every comparison. */
function whole(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}

/** Exactly `length` bytes. Rejects with `input/bad-file` where the file ends before. */
export async function readBytes({ handle, path }: OpenFile, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw badCheckpoint(path, 'it ends too early');
    done += bytesRead;
  }
  return bytes;
}

function shown(name: string): string {
  return name.slice(0, 100);
}
