/** Whether the bytes of a zip archive are those that were written: CRC-32 of every entry. Reads all of the file. */
import { crc32 } from 'node:zlib';
import { WeftError } from '../../errors.ts';
import { badCheckpoint } from './convert-error.ts';
import { type OpenFile, readBytes, type ZipEntry } from './zip-directory.ts';

/** Bytes whose sum is made at once: well below a millisecond. */
const PIECE = 2 ** 20;
/** What torch.save writes where it was told to make no sums. */
const NONE = 0;

/** Rejects with `input/bad-file` for the first entry that does not fit, `run/cancelled`. */
export async function checkEntries(
  file: OpenFile,
  entries: Iterable<ZipEntry>,
  signal?: AbortSignal | undefined,
): Promise<void> {
  for (const { name, start, size, crc } of entries) {
    if (crc === NONE) continue;
    let sum = 0;
    for (let place = 0; place < size; place += PIECE) {
      if (signal?.aborted) throw new WeftError('run/cancelled', { reason: '' }, { cause: signal.reason });
      sum = crc32(await readBytes(file, start + place, Math.min(PIECE, size - place)), sum);
    }
    if (sum === crc) continue;
    const [expected, found] = [crc, sum].map((value) => value.toString(16).padStart(8, '0'));
    const reason = `its entry "${name.slice(0, 100)}" is damaged: its checksum is ${found}, not ${expected}`;
    throw badCheckpoint(file.path, reason);
  }
}
