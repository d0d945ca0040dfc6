/**
 * Pictures that people dropped into the editor: kept by content, named `upload:HASH.ext` in graphs.
 * Must not trust the name or type a browser sent: the type is read from the first bytes, the name only shown.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WeftError } from '../errors.ts';
import { type PictureFormat, pictureFormat } from '../protocol/picture-format.ts';
import { printablePath } from './roots.ts';

/** What stored pictures are called by, and so their references. */
const EXTENSIONS: Readonly<Record<PictureFormat, string>> = {
  ...{ jpeg: 'jpg', png: 'png', webp: 'webp' },
  ...{ avif: 'avif', tiff: 'tiff', gif: 'gif' },
};

const REF = /^upload:([0-9a-f]{64})\.(png|jpg|webp|avif|tiff|gif)$/;

export interface UploadLimits {
  /** Bytes of one upload. */
  readonly maxBytes: number;
  /** Bytes of all of them: the ones longest unused make room. */
  readonly maxTotalBytes: number;
}

export function isUploadRef(source: string): boolean {
  return source.startsWith('upload:');
}

export class Uploads {
  readonly #folder: string;
  readonly #limits: UploadLimits;

  constructor(folder: string, limits: UploadLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Keeps the bytes of a picture. Throws input/bad-image, input/too-large, input/not-writable. */
  async put(bytes: Uint8Array, fileName: string): Promise<{ readonly ref: string }> {
    const name = displayName(fileName);
    if (bytes.length > this.#limits.maxBytes) {
      throw new WeftError('input/too-large', {
        limit: `${this.#limits.maxBytes} bytes`,
        what: `the upload "${name}"`,
        received: `${bytes.length} bytes`,
      });
    }
    const format = pictureFormat(bytes);
    if (format === undefined) {
      const reason = bytes.length === 0 ? 'it is empty' : 'its first bytes belong to no picture format';
      throw new WeftError('input/bad-image', { name, reason });
    }
    const stored = `${createHash('sha256').update(bytes).digest('hex')}.${EXTENSIONS[format]}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#makeRoom(bytes.length, stored);
      await this.#write(stored, bytes);
      await this.#write(`${stored}.name`, new TextEncoder().encode(name));
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new WeftError(
        'input/not-writable',
        { path: 'the upload folder', reason: `it failed (${code})` },
        { cause },
      );
    }
    return { ref: `upload:${stored}` };
  }

  /** Where an upload lies, and the name its owner knows it by. Throws input/not-found. */
  async find(ref: string): Promise<{ readonly path: string; readonly name: string }> {
    const match = REF.exec(ref);
    const stored = match === null ? undefined : `${match[1]}.${match[2]}`;
    const path = join(this.#folder, stored ?? '');
    const exists = stored !== undefined && (await stat(path).catch(() => undefined))?.isFile() === true;
    if (!exists) throw new WeftError('input/not-found', { path: printablePath(ref), base: 'the working folder' });
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    const name = await readFile(`${path}.name`, 'utf8').catch(() => stored);
    return { path, name };
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const part = join(this.#folder, `.${randomUUID()}.part`);
    try {
      await writeFile(part, bytes, { mode: 0o600 });
      await rename(part, join(this.#folder, name));
    } finally {
      await rm(part, { force: true });
    }
  }

  async #makeRoom(needed: number, stored: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => REF.test(`upload:${name}`) && name !== stored);
    const files = await Promise.all(
      names.map(async (name) => {
        const status = await stat(join(this.#folder, name));
        return { name, size: status.size, used: status.mtimeMs };
      }),
    );
    let total = needed + files.reduce((sum, file) => sum + file.size, 0);
    for (const { name, size } of files.sort((a, b) => a.used - b.used)) {
      if (total <= this.#limits.maxTotalBytes) return;
      await rm(join(this.#folder, name), { force: true });
      await rm(join(this.#folder, `${name}.name`), { force: true });
      total -= size;
    }
  }
}

/** The last part of what the browser called the file. */
function displayName(fileName: string): string {
  const name = printablePath(basename(fileName.replaceAll('\\', '/'))).slice(0, 120);
  return name === '' ? 'picture' : name;
}
