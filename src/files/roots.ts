/**
 * The folders that may be read, and the only way from a path a person gave to a real path inside them.
 * Must never touch a path outside the roots: even an error must not tell whether something exists there.
 */
import { realpathSync } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { WeftError } from '../errors.ts';

/** As many symbolic links as Linux follows in one path. */
const MAX_LINKS = 40;

export class Roots {
  /** Where relative paths are looked up, in order. */
  readonly #bases: readonly string[];
  /** Every root as it was named, and the real path it stands for. */
  readonly #real: ReadonlyMap<string, string>;

  /** `bases` are roots too. A root that does not exist is allowed and holds nothing. */
  constructor(bases: readonly string[], roots: readonly string[]) {
    this.#bases = bases.map((path) => resolve(path));
    this.#real = new Map([...this.#bases, ...roots].map((path) => [resolve(path), realOrSame(resolve(path))]));
  }

  /**
   * The real path of an existing file or folder inside the roots.
   * Throws input/outside-roots (also for what exists nowhere) or input/not-found.
   */
  async locate(path: string): Promise<string> {
    const shown = printablePath(path);
    if (path.includes('\0') || isDevicePath(path, process.platform)) {
      throw new WeftError('input/outside-roots', { path: shown });
    }
    const candidates = isAbsolute(path) ? [resolve(path)] : this.#bases.map((base) => resolve(base, path));
    let inside = false;
    for (const candidate of candidates) {
      const found = await this.#follow(candidate);
      if (found.at === 'file') return found.path;
      if (found.at === 'nowhere') inside = true;
    }
    if (!inside) throw new WeftError('input/outside-roots', { path: shown });
    throw new WeftError('input/not-found', { path: shown, base: 'the working folder, then the folder of the graph' });
  }

  contains(realPath: string): boolean {
    return [...this.#real.values()].some((root) => isInside(root, realPath));
  }

  /** Walks one name at a time, as the kernel would, but refuses before it looks at anything outside. */
  async #follow(path: string): Promise<{ at: 'file'; path: string } | { at: 'nowhere' | 'outside' }> {
    let current = parse(path).root;
    const ahead = names(path);
    for (let links = 0; ahead.length > 0; ) {
      const name = ahead.shift() as string;
      if (name === '..') {
        current = dirname(current);
        continue;
      }
      const next = join(current, name);
      const root = this.#real.get(next);
      if (root !== undefined) {
        current = root;
      } else if (this.#leadsToRoot(next)) {
        current = next;
      } else if (!this.contains(next)) {
        return { at: 'outside' };
      } else {
        const status = await lstat(next).catch(() => undefined);
        if (status === undefined) return { at: 'nowhere' };
        if (!status.isSymbolicLink()) {
          current = next;
          continue;
        }
        const target = ++links > MAX_LINKS ? undefined : await readlink(next).catch(() => undefined);
        if (target === undefined) return { at: 'nowhere' };
        if (isAbsolute(target)) current = parse(target).root;
        ahead.unshift(...names(target));
      }
    }
    if (!this.contains(current)) return { at: 'outside' };
    const exists = await lstat(current).catch(() => undefined);
    return exists === undefined ? { at: 'nowhere' } : { at: 'file', path: current };
  }

  /** A folder on the way down to a root is known to exist: nothing is asked of the disk, nothing is told. */
  #leadsToRoot(path: string): boolean {
    return [...this.#real].some(([named, real]) => isInside(path, named) || isInside(path, real));
  }
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Windows opens devices under these names wherever they stand; elsewhere they are ordinary names. */
export function isDevicePath(path: string, platform: NodeJS.Platform): boolean {
  if (platform !== 'win32') return false;
  if (/^[\\/]{2}[.?]/.test(path)) return true;
  return path.split(/[\\/]/).some((name) => /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)\s*(\.|:|$)/i.test(name));
}

/** A path as messages show it: no control characters, not endless. */
export function printablePath(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be echoed.
  const clean = path.replaceAll(/[\u0000-\u001f\u007f]/g, '?');
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
}

function names(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep === '\\' ? /[\\/]/ : '/')
    .filter((name) => name !== '' && name !== '.');
}
