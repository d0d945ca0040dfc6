/**
 * ONNX sessions in a few worker threads, because ONNX Runtime blocks the thread it runs in.
 * Decides which thread holds which model and which models stay loaded; never touches tensors, never imports
 * onnxruntime.
 */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WeftError } from '../../errors.ts';
import { fileState } from '../file-state.ts';
import { threadEntry } from '../thread.ts';
import type { ExternalFile, OnnxMetadata, OnnxReply, SessionSettings } from './message.ts';
import { OnnxSession, type SessionPort } from './session.ts';
import { threadCount } from './thread-count.ts';
import { WorkerThread } from './worker-thread.ts';

export interface OnnxPoolOptions {
  /** Worker threads; each runs one model at a time. */
  readonly workers?: number;
  /** Models loaded at a time; the one unused longest is unloaded first. */
  readonly maxSessions?: number;
  /** Threads of one operator; WEFT_THREADS or every core when left out. */
  readonly threads?: number;
  /** The thread's module, for tests. */
  readonly entry?: URL;
}

export interface SessionOptions {
  /** How errors name the model; the file's name when left out. */
  readonly model?: string;
  readonly threads?: number;
  readonly optimization?: SessionSettings['optimization'];
}

interface Slot {
  readonly path: string;
  readonly model: string;
  readonly settings: SessionSettings;
  readonly thread: WorkerThread;
  /** The thread's number for it while it is loaded there, valid for one generation of that thread. */
  id: number;
  generation: number;
  metadata: OnnxMetadata | undefined;
  external: readonly ExternalFile[];
  loading: Promise<void> | undefined;
  /** Runs under way or waiting: such a model is not unloaded. */
  busy: number;
  /** Not any more once its holder let go of it, until it is asked again. */
  isWanted: boolean;
  lastUse: number;
}

const UNLOADED = -1;

export class OnnxPool {
  readonly #threads: WorkerThread[];
  readonly #slots = new Map<string, Slot>();
  readonly #maxSessions: number;
  readonly #operatorThreads: number | undefined;
  #ids = 0;
  #uses = 0;

  /** Throws `usage/bad-option` for less than one worker. */
  constructor({ workers = 2, maxSessions = 8, threads, entry }: OnnxPoolOptions = {}) {
    if (!Number.isInteger(workers) || workers < 1) {
      const expected = 'a whole number of at least 1';
      throw new WeftError('usage/bad-option', { option: 'onnxWorkers', expected, received: String(workers) });
    }
    const module = entry ?? threadEntry(import.meta.url, 'worker');
    this.#threads = Array.from({ length: workers }, () => new WorkerThread(module));
    this.#maxSessions = maxSessions;
    this.#operatorThreads = threads;
  }

  /** Models loaded now. */
  get size(): number {
    return [...this.#slots.values()].filter(isLoaded).length;
  }

  /**
   * Opens a model file; the same file with the same options is opened once, until it changes on disk.
   * Throws `input/not-found`, `model/bad-onnx`, `model/onnx-outside-folder`, `model/unsupported`.
   */
  async session(path: string, options: SessionOptions = {}): Promise<OnnxSession> {
    const settings: SessionSettings = {
      threads: options.threads ?? this.#operatorThreads ?? threadCount(),
      optimization: options.optimization ?? 'all',
    };
    const model = options.model ?? basename(path);
    const { name, slot } = await this.#slotOf(path, model, settings);
    slot.isWanted = true;
    try {
      await this.#load(slot);
    } catch (thrown) {
      if (slot.metadata === undefined && this.#slots.get(name) === slot) this.#slots.delete(name);
      throw thrown;
    }
    return new OnnxSession(model, this.#portOf(slot));
  }

  /** Rejects runs under way and waiting with `run/cancelled`, then waits until the threads have ended. */
  async close(): Promise<void> {
    this.#slots.clear();
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  async #slotOf(path: string, model: string, settings: SessionSettings): Promise<{ name: string; slot: Slot }> {
    const { key, place } = await identify(path);
    const name = JSON.stringify([key, settings]);
    const before = this.#slots.get(name);
    if (before !== undefined && !(await isCurrent(before)) && this.#slots.get(name) === before) {
      // Runs may still use it: it keeps its thread, and is unloaded as any other.
      this.#slots.delete(name);
      this.#slots.set(`${name} before ${++this.#ids}`, before);
    }
    const known = this.#slots.get(name);
    if (known !== undefined) return { name, slot: known };
    const slot: Slot = {
      path: place,
      model,
      settings,
      thread: this.#leastUsedThread(),
      id: UNLOADED,
      generation: UNLOADED,
      metadata: undefined,
      external: [],
      loading: undefined,
      busy: 0,
      isWanted: true,
      lastUse: 0,
    };
    this.#slots.set(name, slot);
    return { name, slot };
  }

  #portOf(slot: Slot): SessionPort {
    return {
      metadata: () => slot.metadata!,
      externalFiles: () => slot.external.map(({ path }) => path),
      release: () => {
        slot.isWanted = false;
        this.#unloadUnwanted(slot);
      },
      ask: async (make, signal) => {
        slot.busy++;
        slot.isWanted = true;
        slot.lastUse = ++this.#uses;
        try {
          await this.#load(slot, signal);
          return await slot.thread.ask(() => make(slot.id), { model: slot.model, signal });
        } finally {
          slot.busy--;
          this.#unloadUnwanted(slot);
          this.#unloadBeyondLimit();
        }
      },
    };
  }

  async #load(slot: Slot, signal?: AbortSignal): Promise<void> {
    while (!isLoaded(slot)) {
      slot.loading ??= this.#begin(slot).finally(() => {
        slot.loading = undefined;
      });
      // Several callers may wait for one load: a cancelled one leaves, the load goes on.
      await (signal === undefined ? slot.loading : abortable(slot.loading, signal));
    }
  }

  async #begin(slot: Slot): Promise<void> {
    slot.lastUse = ++this.#uses;
    const id = ++this.#ids;
    const { path, model, settings, thread } = slot;
    const reply = await thread.ask(
      () => ({ request: { kind: 'load', session: id, path, model, settings }, moving: [] }),
      { model },
    );
    const { metadata, external } = expectLoaded(reply);
    if (slot.metadata !== undefined && JSON.stringify(slot.metadata) !== JSON.stringify(metadata)) {
      throw new WeftError('model/bad-onnx', { path: model, reason: 'it changed while it was in use' });
    }
    slot.metadata = metadata;
    slot.external = external;
    slot.id = id;
    slot.generation = thread.generation;
    this.#unloadBeyondLimit(slot);
  }

  #unloadBeyondLimit(keep?: Slot): void {
    const loaded = [...this.#slots.values()].filter(isLoaded);
    const idle = loaded.filter((slot) => slot.busy === 0 && slot !== keep);
    idle.sort((one, other) => one.lastUse - other.lastUse);
    for (const slot of idle.slice(0, Math.max(0, loaded.length - this.#maxSessions))) unload(slot);
  }

  #unloadUnwanted(slot: Slot): void {
    if (!slot.isWanted && slot.busy === 0 && isLoaded(slot)) unload(slot);
  }

  #leastUsedThread(): WorkerThread {
    const count = (thread: WorkerThread): number =>
      [...this.#slots.values()].filter((slot) => slot.thread === thread).length;
    return this.#threads.reduce((best, thread) => (count(thread) < count(best) ? thread : best));
  }
}

function unload(slot: Slot): void {
  const session = slot.id;
  slot.id = UNLOADED;
  // Whether it worked changes nothing: a thread that dies meanwhile has released it as well.
  slot.thread.ask(() => ({ request: { kind: 'release', session }, moving: [] }), { model: slot.model }).catch(() => {});
}

function isLoaded(slot: Slot): boolean {
  return slot.id !== UNLOADED && slot.generation === slot.thread.generation;
}

/** Whether the weights beside the model are still those it was loaded with. */
async function isCurrent({ external }: Slot): Promise<boolean> {
  const states = await Promise.all(
    external.map(({ path }) =>
      stat(path, { bigint: true }).then(
        (facts) => fileState(facts),
        () => undefined,
      ),
    ),
  );
  return states.every((state, index) => state === external[index]!.state);
}

function expectLoaded(reply: OnnxReply): Extract<OnnxReply, { kind: 'loaded' }> {
  if (reply.kind !== 'loaded') throw new WeftError('internal');
  return reply;
}

/**
 * What makes two names the same model. External data is found beside the file, so its folder counts, not only the real
 * file: the hub's cache keeps files under other names and links to them.
 */
async function identify(path: string): Promise<{ key: string; place: string }> {
  const absolute = resolve(path);
  try {
    const [real, folder, facts] = await Promise.all([
      realpath(absolute),
      realpath(dirname(absolute)),
      stat(absolute, { bigint: true }),
    ]);
    const place = join(folder, basename(absolute));
    return { key: `${real}\0${folder}\0${fileState(facts)}`, place };
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw thrown;
    throw new WeftError('input/not-found', { path, base: 'the current folder' }, { cause: thrown });
  }
}

function abortable(loading: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new WeftError('run/cancelled', { reason: '' }, { cause: signal.reason }));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    loading.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
