/**
 * A PyTorch checkpoint (.bin, .pt, .pth as torch.save writes it since 1.6) to model.safetensors in a folder. Nothing of the
 * checkpoint is executed. Knows no model.
 */
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WeftError } from '../../errors.ts';
import { badCheckpoint } from './convert-error.ts';
import { readTorchCheckpoint } from './torch-checkpoint.ts';
import { type WriteOptions, writeSafetensors } from './write-safetensors.ts';
import { checkEntries } from './zip-checksums.ts';
import { readZipDirectory } from './zip-directory.ts';

export interface ConvertOptions extends WriteOptions {
  /** Where model.safetensors is put; the checkpoint's own folder when left out. */
  readonly output?: string | undefined;
  /** The entry of the checkpoint that holds the tensors: `state_dict`, `model`. */
  readonly key?: string | undefined;
}

export interface Converted {
  readonly file: string;
  readonly tensors: number;
  readonly bytes: number;
}

/**
 * Rejects with `input/not-found`, `input/bad-file`, `model/unsafe-checkpoint`, `input/not-writable` (also where there is a
 * model.safetensors already), `usage/bad-argument` for the key, `run/cancelled`.
 */
export async function convertCheckpoint(path: string, options: ConvertOptions = {}): Promise<Converted> {
  const { output = dirname(path), key, ...writing } = options;
  const target = join(output, 'model.safetensors');
  await checkFree(target);
  const handle = await openCheckpoint(path);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw badCheckpoint(path, 'it is no file');
    const file = { path, handle, size: facts.size };
    const entries = await readZipDirectory(file);
    const tensors = await readTorchCheckpoint(file, entries, key);
    await checkEntries(file, entries.values(), writing.signal);
    await makeFolder(output);
    const bytes = await writeSafetensors(file, tensors, target, writing);
    return { file: target, tensors: tensors.length, bytes };
  } finally {
    await handle.close();
  }
}

async function checkFree(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found !== undefined) throw new WeftError('input/not-writable', { path: target, reason: 'it is there already' });
}

async function openCheckpoint(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new WeftError('input/not-found', { path, base: process.cwd() }, { cause });
    throw badCheckpoint(path, `the system says ${code}`);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = `the system says ${(cause as NodeJS.ErrnoException).code}`;
    throw new WeftError('input/not-writable', { path: folder, reason }, { cause });
  }
}
