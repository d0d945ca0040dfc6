/** Checkpoints with random damage: whatever comes out is one of the errors that are meant for it, or whole tensors. */
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toWeftError } from '../../../src/errors.ts';
import { readTorchCheckpoint } from '../../../src/models/convert/torch-checkpoint.ts';
import { writeSafetensors } from '../../../src/models/convert/write-safetensors.ts';
import { readZipDirectory } from '../../../src/models/convert/zip-directory.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'torch');
const CASES = 1500;
/** One of so many that can be read is written, too: that takes longer. */
const WRITTEN = 25;
const EXPECTED = ['input/bad-file', 'model/unsafe-checkpoint', 'usage/bad-argument'];

/** Mulberry32: the same numbers for the same seed on every machine. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

function damaged(original: Buffer, random: (limit: number) => number): Buffer {
  const bytes = Buffer.from(original);
  const times = 1 + random(4);
  for (let time = 0; time < times; time += 1) {
    const place = random(bytes.length);
    const value = [0, 0xff, 0x80, random(256), bytes[place]! ^ (1 << random(8))][random(5)]!;
    bytes[place] = value;
    if (random(8) === 0) bytes.copyWithin(place, random(bytes.length), Math.min(bytes.length, place + random(64)));
  }
  return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

/** What was made is a file that the strict reader takes. */
async function checkWritten(...[file, tensors, path]: Parameters<typeof writeSafetensors>): Promise<void> {
  await writeSafetensors(file, tensors, path);
  const made = await NativeWeightFile.open(path);
  expect(made.tensors.size).toBe(tensors.length);
  made.close();
}

describe('damaged checkpoints', () => {
  it.each(['plain.bin', 'nested.pt', 'protocol4.pt'])('%s', { timeout: 120_000 }, async (name) => {
    const original = await readFile(join(FIXTURES, name));
    const path = join(temporaryFolder(), name);
    const random = randomOf(name.length);
    const counts = { refused: 0, read: 0 };
    for (let run = 0; run < CASES; run += 1) {
      const bytes = damaged(original, random);
      await writeFile(path, bytes);
      const handle = await open(path);
      const file = { path, handle, size: bytes.length };
      try {
        const tensors = await readTorchCheckpoint(file, await readZipDirectory(file), undefined);
        if (counts.read % WRITTEN === 0) await checkWritten(file, tensors, `${path}.${run}`);
        counts.read += 1;
      } catch (thrown) {
        const { code } = toWeftError(thrown);
        if (!EXPECTED.includes(code)) throw new Error(`case ${run} ended with ${code}`, { cause: thrown });
        counts.refused += 1;
      } finally {
        await handle.close();
      }
    }
    expect(counts.refused).toBeGreaterThan(CASES / 10);
    expect(counts.read).toBeGreaterThan(CASES / 20);
  });
});
