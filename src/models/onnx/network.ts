/**
 * One network of a model behind an ONNX session, by what it means: numbers go in under the names that exporters give
 * them, float32 comes out. Element types are the file's own business. Knows no family.
 */
import { WeftError } from '../../errors.ts';
import type { Integers } from '../../native/stack-input.ts';
import { Tensor } from '../../native/tensor.ts';
import type { TensorValue } from '../../protocol/value.ts';
import type { Feed } from './check-feeds.ts';
import type { OnnxPort } from './message.ts';
import type { OnnxSession } from './session.ts';

/** What a family gives: whole numbers and yes or no take the type that the file wants, other tensors go as they are. */
export type NetworkFeed = Feed | { readonly integers: Integers; readonly shape: readonly number[] };

export interface NetworkRunOptions {
  /** What is computed. */
  readonly outputs: readonly string[];
  /** Those that are handed on as they are: float16 stays float16. */
  readonly kept?: readonly string[];
  /** Inputs whose tensors come back beside the outputs, with the rows that were taken of them. */
  readonly returned?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export class OnnxNetwork {
  /** How errors name it. */
  readonly name: string;
  /** Of its file and of the weights beside it. */
  readonly bytes: number;
  readonly #session: OnnxSession;

  constructor(session: OnnxSession, bytes: number) {
    this.name = session.model;
    this.bytes = bytes;
    this.#session = session;
  }

  get inputs(): readonly OnnxPort[] {
    return this.#session.inputs;
  }

  get outputs(): readonly OnnxPort[] {
    return this.#session.outputs;
  }

  input(name: string): OnnxPort | undefined {
    return this.inputs.find((port) => port.name === name);
  }

  /** Throws `model/unsupported`, which names the inputs that the file wants and nobody here gives. */
  expectInputs(given: readonly string[]): void {
    const unknown = this.inputs.filter(({ name }) => !given.includes(name)).map(({ name }) => name);
    if (unknown.length === 0) return;
    const expected = `inputs that are given to such a network (${given.join(', ')}), no others,`;
    throw new WeftError('model/unsupported', { model: this.name, expected, received: unknown.join(', ') });
  }

  /** The first of these outputs that it has. Throws `model/unsupported` for none. */
  expectOutput(...names: readonly string[]): OnnxPort {
    for (const name of names) {
      const port = this.outputs.find((output) => output.name === name);
      if (port !== undefined && /^float/.test(port.dtype)) return port;
    }
    const received = this.outputs.map(({ name, dtype }) => `${name} (${dtype})`).join(', ');
    const expected = `a float output "${names.join('" or "')}"`;
    throw new WeftError('model/unsupported', { model: this.name, expected, received });
  }

  /** The size that an axis of an input is fixed to, or undefined where it may change. */
  fixedSize(input: string, axis: number): number | undefined {
    const size = this.input(input)?.shape[axis];
    return typeof size === 'number' ? size : undefined;
  }

  /**
   * Runs in its thread. Feeds for inputs that the file does not have are left out; arrays of feeds may move away.
   * Throws what `OnnxSession.run` throws.
   */
  async run(
    feeds: Readonly<Record<string, NetworkFeed>>,
    { outputs, kept = [], returned = [], signal }: NetworkRunOptions,
  ): Promise<Record<string, TensorValue>> {
    const wanted = this.inputs.filter(({ name }) => Object.hasOwn(feeds, name));
    return this.#session.run(Object.fromEntries(wanted.map((port) => [port.name, feedOf(port, feeds[port.name]!)])), {
      transfer: true,
      outputs,
      widened: outputs.filter((name) => !kept.includes(name)),
      returned: returned.filter((name) => wanted.some((port) => port.name === name)),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** One output of a run, for operators that go on from it. */
  async compute(
    output: string,
    feeds: Readonly<Record<string, NetworkFeed>>,
    { signal }: Pick<NetworkRunOptions, 'signal'> = {},
  ): Promise<Tensor> {
    const results = await this.run(feeds, { outputs: [output], signal });
    const { data, shape } = results[output]!;
    return Tensor.from(data as Float32Array, shape);
  }

  /** Lets go of it; runs under way end, a later one opens it again. */
  release(): void {
    this.#session.release();
  }
}

function feedOf(port: OnnxPort, feed: NetworkFeed): Feed {
  if (!('integers' in feed)) return feed;
  const { integers, shape } = feed;
  const numbers = integers as ArrayLike<number | bigint>;
  switch (port.dtype) {
    case 'int64':
      return { dtype: 'int64', shape, data: BigInt64Array.from(numbers, BigInt) };
    case 'int32':
      return { dtype: 'int32', shape, data: Int32Array.from(numbers, Number) };
    case 'uint8':
    case 'bool':
      return { dtype: port.dtype, shape, data: Uint8Array.from(numbers, Number) };
    default:
      return { dtype: 'float32', shape, data: Float32Array.from(numbers, Number) };
  }
}
