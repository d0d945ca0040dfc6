/**
 * The thread that reads files from end to end: one batch, then it ends. Must not be imported (see hash-files.ts).
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { WeftError } from '../../errors.ts';
import { checkOnnxFile } from '../onnx/check-file.ts';
import type { HashAnswer, HashJob } from './hash-message.ts';

const CHUNK_BYTES = 1024 * 1024;
const chunk = Buffer.allocUnsafe(CHUNK_BYTES);

function hashOf({ path, algorithm, known }: HashJob): string {
  if (known !== undefined) return known;
  const descriptor = openSync(path, 'r');
  try {
    const hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1');
    if (algorithm === 'git-sha1') hash.update(`blob ${fstatSync(descriptor).size}\0`);
    for (;;) {
      const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, null);
      if (length === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}

function externalOf({ path, findExternal }: HashJob): readonly string[] {
  if (!findExternal) return [];
  try {
    return checkOnnxFile(path).externalFiles;
  } catch (thrown) {
    // Loading it tells what is wrong with it; its own content is all there is to hash.
    if (thrown instanceof WeftError) return [];
    throw thrown;
  }
}

function answer(job: HashJob): HashAnswer {
  try {
    return { hash: hashOf(job), external: externalOf(job) };
  } catch (thrown) {
    return { failure: (thrown as NodeJS.ErrnoException).code ?? String(thrown) };
  }
}

parentPort?.postMessage((workerData as readonly HashJob[]).map(answer));
