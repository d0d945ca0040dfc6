/**
 * Reading and hashing one file whose real path is already known to be allowed.
 * Must not decide what is allowed: src/files/roots.ts does.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { WeftError } from '../errors.ts';

/** Small enough that hashing a piece does not hold up the event loop (about 0.2 ms). */
const PIECE = 256 * 1024;
/** Hashes remembered; the oldest is forgotten first. */
const MAX_HASHES = 20_000;

export class FileReader {
  readonly #maxBytes: number;
  /** Content hash by path and state of the file, so that a second run need not read everything to know it. */
  readonly #hashes = new Map<string, string>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** SHA-256 of the content, hex. `name` is how messages call the file. Throws input/bad-file, input/too-large. */
  async hash(path: string, name: string): Promise<{ hash: string; state: string }> {
    return this.#open(path, name, async (file) => {
      const state = await this.#check(file, name);
      const known = this.#hashes.get(`${path}\0${state}`);
      if (known !== undefined) return { hash: known, state };
      const sum = createHash('sha256');
      const piece = new Uint8Array(PIECE);
      for (;;) {
        const { bytesRead } = await file.read(piece, 0, PIECE);
        if (bytesRead === 0) break;
        sum.update(piece.subarray(0, bytesRead));
      }
      const hash = sum.digest('hex');
      if (this.#hashes.size >= MAX_HASHES) this.#hashes.delete(this.#hashes.keys().next().value ?? '');
      this.#hashes.set(`${path}\0${state}`, hash);
      return { hash, state };
    });
  }

  /** The bytes, in memory of their own. With `state`, the file must not have changed since it was hashed. */
  async read(path: string, name: string, state?: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#open(path, name, async (file) => {
      const now = await this.#check(file, name);
      if (state !== undefined && state !== now) {
        throw new WeftError('input/bad-file', {
          expected: 'one state of the file for the whole run',
          path: name,
          reason: 'it changed meanwhile',
        });
      }
      return new Uint8Array(await file.readFile());
    });
  }

  async #check(file: FileHandle, name: string): Promise<string> {
    const status = await file.stat({ bigint: true });
    if (!status.isFile()) {
      throw new WeftError('input/bad-file', { expected: 'a file', path: name, reason: 'it is a folder or a device' });
    }
    if (status.size > this.#maxBytes) {
      throw new WeftError('input/too-large', {
        limit: `${this.#maxBytes} bytes`,
        what: `the file "${name}"`,
        received: `${status.size} bytes`,
      });
    }
    return `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}:${status.ctimeNs}`;
  }

  async #open<T>(path: string, name: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
    let file: FileHandle;
    try {
      // The path was resolved before: a link found now was put there to lead elsewhere. A pipe must not block a thread.
      const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
      file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (cause) {
      throw unreadable(name, cause);
    }
    try {
      return await use(file);
    } catch (cause) {
      throw cause instanceof WeftError ? cause : unreadable(name, cause);
    } finally {
      await file.close();
    }
  }
}

function unreadable(name: string, cause: unknown): WeftError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const reason = code === 'EACCES' || code === 'EPERM' ? 'it may not be read' : `it cannot be read (${code})`;
  return new WeftError('input/bad-file', { expected: 'a readable file', path: name, reason }, { cause });
}
