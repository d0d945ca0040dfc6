/** PyTorch in a process of its own, where WEFT_BENCH_PYTHON (or python3) has it. See torch_peer.py. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Turn } from '../harness/race.ts';
import type { Weights } from '../models/transformer.ts';
import { writeWeights } from '../models/weight-file.ts';
import { PythonPeer } from './python.ts';

export class TorchPeer {
  readonly name: string;
  readonly #peer: PythonPeer;
  readonly #folder: string;
  #files = 0;

  private constructor(peer: PythonPeer, name: string, folder: string) {
    this.#peer = peer;
    this.name = name;
    this.#folder = folder;
  }

  /** The peer, or the reason why there is none. */
  static async start(threads: number): Promise<TorchPeer | string> {
    const script = join(import.meta.dirname, 'torch_peer.py');
    const started = await PythonPeer.start(script, [String(threads)]);
    if (typeof started === 'string') return started;
    return new TorchPeer(started.peer, started.versions, await mkdtemp(join(tmpdir(), 'weft-bench-')));
  }

  /** Writes arrays where requests can name them. */
  async share(arrays: Weights): Promise<string> {
    this.#files += 1;
    const path = join(this.#folder, `${this.#files}.safetensors`);
    await writeWeights(path, arrays);
    return path;
  }

  /** Makes something that can be run under `name`. Throws what PyTorch throws. */
  async make(name: string, kind: string, request: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#peer.ask({ make: name, kind, ...request });
  }

  async drop(name: string): Promise<void> {
    await this.#peer.ask({ drop: name });
  }

  /** What one run of `name` gives. */
  async output(name: string): Promise<Float32Array> {
    const result = join(this.#folder, 'result');
    await this.#peer.ask({ run: name, runs: 0, result });
    const bytes = await readFile(result);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  /** A turn timed by PyTorch's own process. */
  turn(name: string, runs: number): Turn {
    return async () => (await this.#peer.ask({ run: name, runs })).ms as number[];
  }

  async close(): Promise<void> {
    this.#peer.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
