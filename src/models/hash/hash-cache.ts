/**
 * SHA-256 of model files, remembered on disk by path, size and times, so that a big model is read once.
 * A cache only: what cannot be read or written is computed again, never an error.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { WeftError } from '../../errors.ts';
import { fileState } from '../file-state.ts';
import { isOnnx } from '../model-files.ts';
import { hashFiles } from './hash-files.ts';

const entrySchema = z.object({
  /** Size, modification and change time in nanoseconds: `123:1700000000000000000:1700000000000000000`. */
  state: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  external: z.array(z.string()).optional(),
});
type Entry = z.infer<typeof entrySchema>;
const fileSchema = z.object({ version: z.literal(1), files: z.record(z.string(), entrySchema) });

/** More than anyone's models; beyond it the oldest entries go. */
const MAX_ENTRIES = 20_000;

export interface HashedFile {
  readonly path: string;
  readonly bytes: number;
  readonly hash: string;
  /** Files that an ONNX model keeps its weights in. */
  readonly external: readonly string[];
}

export class HashCache {
  readonly #place: string;
  #entries: Map<string, Entry> | undefined;
  #saving: Promise<void> = Promise.resolve();

  /** @param folder made when something is first remembered */
  constructor(folder: string) {
    this.#place = join(folder, 'model-hashes.json');
  }

  /** In the order of `paths`, files that exist. Throws `input/bad-file` for one that cannot be read. */
  async hash(paths: readonly string[]): Promise<readonly HashedFile[]> {
    const entries = await this.#load();
    const files = await Promise.all(paths.map(describe));
    const unknown = files.filter(({ path, state }) => entries.get(path)?.state !== state);
    // What is named by its content needs no reader, but for an ONNX file's external data.
    const read = unknown.filter(({ path, known }) => known === undefined || isOnnx(path));
    const answers = await hashFiles(
      read.map(({ path, known }) => ({ path, algorithm: 'sha256', known, findExternal: isOnnx(path) })),
    );
    for (const { path, state, known } of unknown) if (known !== undefined) entries.set(path, { state, hash: known });
    for (const [index, { path, state }] of read.entries()) {
      const answer = answers[index]!;
      if ('failure' in answer) {
        const reason = `it cannot be read (${answer.failure})`;
        throw new WeftError('input/bad-file', { expected: 'a model file', path: basename(path), reason });
      }
      const external = answer.external.length > 0 ? { external: [...answer.external] } : {};
      entries.set(path, { state, hash: answer.hash, ...external });
    }
    if (unknown.length > 0) this.#save(entries);
    return files.map(({ path, bytes }) => {
      const { hash, external = [] } = entries.get(path)!;
      return { path, bytes, hash, external };
    });
  }

  /** Resolves when what was learnt so far is on disk. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  async #load(): Promise<Map<string, Entry>> {
    this.#entries ??= new Map(Object.entries(await readEntries(this.#place)));
    return this.#entries;
  }

  #save(entries: Map<string, Entry>): void {
    this.#saving = this.#saving
      .then(async () => {
        // Another process may have learnt other files meanwhile.
        const merged = { ...(await readEntries(this.#place)), ...Object.fromEntries(entries) };
        const files = Object.fromEntries(Object.entries(merged).slice(-MAX_ENTRIES));
        await mkdir(dirname(this.#place), { recursive: true });
        const draft = `${this.#place}.${randomUUID()}`;
        await writeFile(draft, JSON.stringify({ version: 1, files }));
        await rename(draft, this.#place).catch(() => rm(draft, { force: true }));
      })
      .catch(() => {});
  }
}

async function readEntries(place: string): Promise<Record<string, Entry>> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(place, 'utf8'))).files;
  } catch {
    return {};
  }
}

async function describe(path: string): Promise<{ path: string; bytes: number; state: string; known?: string }> {
  const [facts, real] = await Promise.all([stat(path, { bigint: true }), realpath(path)]);
  const known = hubHash(real);
  const state = fileState(facts);
  return { path, bytes: Number(facts.size), state, ...(known === undefined ? {} : { known }) };
}

/** Large files in the hub's cache are called by their SHA-256. */
function hubHash(real: string): string | undefined {
  const name = basename(real);
  return basename(dirname(real)) === 'blobs' && /^[0-9a-f]{64}$/.test(name) ? name : undefined;
}
