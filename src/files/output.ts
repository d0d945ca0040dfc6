/**
 * The one folder results are written to. Names come from pictures and graphs, so they are made safe first; a file is
 * there whole or not at all; a file of an earlier run is replaced only when its name was asked for.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WeftError } from '../errors.ts';
import { isDevicePath } from './roots.ts';

/** File systems allow 255 bytes; room is left for a number and an extension. */
const MAX_NAME_BYTES = 200;
const MAX_TRIES = 10_000;

export interface OutputFile {
  /** Without extension; made safe here. */
  readonly name: string;
  /** With its dot: `.png`. */
  readonly extension: `.${string}`;
  readonly bytes: Uint8Array | string;
  /** Replace a file of that name (the user chose the name) instead of taking the next free one (`cat-2.png`). */
  readonly replace?: boolean;
}

export class OutputFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Writes one file and returns its name inside the folder. Throws input/not-writable. */
  async write({ name, extension, bytes, replace = false }: OutputFile): Promise<string> {
    const stem = safeFileName(name);
    const part = join(this.path, `.${randomUUID()}.part`);
    try {
      await mkdir(this.path, { recursive: true });
      const file = await open(part, 'wx');
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      if (!replace) return await this.#claim(part, stem, extension);
      const chosen = stem + extension;
      // Renaming replaces a link itself, never what it points to.
      await rename(part, join(this.path, chosen));
      return chosen;
    } catch (cause) {
      if (cause instanceof WeftError) throw cause;
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new WeftError('input/not-writable', { path: stem + extension, reason: `it failed (${code})` }, { cause });
    } finally {
      await rm(part, { force: true }).catch(() => undefined);
    }
  }

  /** A hard link fails when the name is taken, so two runs can never take the same one. */
  async #claim(part: string, stem: string, extension: string): Promise<string> {
    for (let count = 1; count <= MAX_TRIES; count++) {
      const chosen = count === 1 ? stem + extension : `${stem}-${count}${extension}`;
      try {
        await link(part, join(this.path, chosen));
        return chosen;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EEXIST') continue;
        if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
        if (await this.#claimWithoutLinks(part, chosen)) return chosen;
      }
    }
    throw new WeftError('input/not-writable', {
      path: stem + extension,
      reason: `${MAX_TRIES} files of that name are there`,
    });
  }

  /** For file systems without hard links (FAT, some network shares): reserve the name, then move the file over it. */
  async #claimWithoutLinks(part: string, chosen: string): Promise<boolean> {
    try {
      await (await open(join(this.path, chosen), 'wx')).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
    await rename(part, join(this.path, chosen));
    return true;
  }
}

/** A name that is one plain file on every system: no separators, no control characters, no device, not hidden. */
export function safeFileName(name: string): string {
  let safe = name
    .normalize('NFC')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go.
    .replaceAll(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]+/g, '-')
    .replace(/^[.\s-]+/, '')
    .replace(/[.\s]+$/, '');
  while (Buffer.byteLength(safe) > MAX_NAME_BYTES) safe = [...safe].slice(0, -1).join('');
  if (safe === '') return 'result';
  return isDevicePath(safe, 'win32') ? `_${safe}` : safe;
}
