/**
 * Saved graphs as files: the gallery that ships with Weft (read-only) and the folder of the person at work.
 * Saving is deterministic and guarded by a revision, so that nobody's change is lost. Knows files, not runs.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../errors.ts';
import { parseGraph, saveGraph } from '../graph/index.ts';
import { nearestName } from '../graph/suggest.ts';
import type { GraphEntry, GraphModel, GraphsApi } from '../protocol/application.ts';
import type { Graph } from '../protocol/graph-file.ts';

const NAME = /^[A-Za-z0-9][\w-]{0,63}$/;

export interface GraphStoreOptions {
  /** The gallery. */
  readonly shippedFolder: string;
  /** Where a person's graphs are saved; made when first needed. */
  readonly ownFolder: string;
  /** Which models a graph names, and whether they are here. */
  readonly modelsOf: (graph: Graph) => Promise<readonly GraphModel[]>;
}

/** Of one file; models come and go without it. */
type FileEntry = Omit<GraphEntry, 'models'>;

interface Stored {
  readonly entry: FileEntry;
  readonly graph: Graph;
}

export class GraphStore implements GraphsApi {
  readonly #shipped: string;
  readonly #own: string;
  readonly #modelsOf: GraphStoreOptions['modelsOf'];

  constructor({ shippedFolder, ownFolder, modelsOf }: GraphStoreOptions) {
    this.#shipped = shippedFolder;
    this.#own = ownFolder;
    this.#modelsOf = modelsOf;
  }

  /** Own graphs hide shipped ones of the same name. A file that is no graph is left out: it may be anything. */
  async list(): Promise<readonly GraphEntry[]> {
    const found = new Map<string, Stored>();
    for (const [folder, editable] of [
      [this.#shipped, false],
      [this.#own, true],
    ] as const) {
      for (const name of await graphNames(folder)) {
        const stored = await readStored(folder, name, editable).catch(() => undefined);
        if (stored !== undefined) found.set(name, stored);
      }
    }
    const entries = await Promise.all([...found.values()].map((stored) => this.#withModels(stored)));
    return entries.sort((a, b) => a.name.localeCompare(b.name));
  }

  async read(name: string): Promise<GraphEntry & { graph: Graph }> {
    checkName(name);
    const stored =
      (await readStored(this.#own, name, true).catch(onlyMissing)) ??
      (await readStored(this.#shipped, name, false).catch(onlyMissing));
    if (stored === undefined) throw await this.#notFound(name);
    return { ...(await this.#withModels(stored)), graph: stored.graph };
  }

  async write(name: string, graph: Graph, revision: string | undefined): Promise<GraphEntry> {
    checkName(name);
    const current = await readStored(this.#own, name, true).catch(onlyMissing);
    if (current?.entry.revision !== revision && current !== undefined) {
      throw new WeftError('server/conflict', {
        name,
        expected: current.entry.revision,
        received: revision ?? 'none (a new graph)',
      });
    }
    const text = saveGraph(graph);
    const path = join(this.#own, `${name}.json`);
    try {
      await mkdir(this.#own, { recursive: true });
      // Written beside and renamed: a reader never sees half a graph.
      const draft = `${path}.${process.pid}.draft`;
      await writeFile(draft, text);
      await rename(draft, path);
    } catch (cause) {
      throw new WeftError('input/not-writable', { path: `${name}.json`, reason: reasonOf(cause) }, { cause });
    }
    return this.#withModels({ entry: entryOf(name, text, graph, true), graph });
  }

  async #notFound(name: string): Promise<WeftError> {
    const nearest = nearestName(name, [...(await graphNames(this.#own)), ...(await graphNames(this.#shipped))]);
    const base = nearest === undefined ? 'the gallery' : `the gallery, where the nearest name is "${nearest}"`;
    return new WeftError('input/not-found', { path: `${name}.json`, base });
  }

  async #withModels({ entry, graph }: Stored): Promise<GraphEntry> {
    return { ...entry, models: await this.#modelsOf(graph) };
  }
}

async function graphNames(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
}

async function readStored(folder: string, name: string, editable: boolean): Promise<Stored> {
  const text = await readFile(join(folder, `${name}.json`), 'utf8');
  const graph = parseGraph(text, {}, `${name}.json`);
  return { entry: entryOf(name, text, graph, editable), graph };
}

function entryOf(name: string, text: string, graph: Graph, editable: boolean): FileEntry {
  return {
    name,
    title: graph.name,
    description: graph.description ?? '',
    revision: createHash('sha256').update(text).digest('hex').slice(0, 16),
    editable,
  };
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new WeftError('server/bad-request', {
    expected: 'a graph name of letters, digits, _ and -, at most 64',
    where: 'name',
    received: JSON.stringify(name.slice(0, 80)),
  });
}

function onlyMissing(cause: unknown): undefined {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw cause;
}

function reasonOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? String(cause);
}
