/** Writes a text file a person asked for, making its folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WeftError } from '../errors.ts';

/** `shown` is the path as the person typed it. Throws `input/not-writable`. */
export async function writeTextFile(path: string, text: string, shown: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new WeftError('input/not-writable', { path: shown, reason }, { cause });
  }
}
