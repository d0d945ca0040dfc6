/**
 * One encoder in ONNX Runtime: rows in, one embedding per row out. Stacks rows into batches and splits results.
 * Knows neither pictures nor texts.
 */
import { WeftError } from '../../errors.ts';
import type { TensorData, TensorValue } from '../../protocol/value.ts';
import type { Feed } from './check-feeds.ts';
import type { OnnxPort } from './message.ts';
import type { OnnxNetwork } from './network.ts';

/** Tensors of one item by input name, without the batch axis. Inputs that the network lacks are left out. */
export type Row = Readonly<Record<string, Feed>>;

export interface TowerOptions {
  /** Name of the output [batch, dim]. */
  readonly output: string;
  /** Most rows of one run. */
  readonly perRun: number;
}

export class Tower {
  readonly #network: OnnxNetwork;
  readonly #output: OnnxPort;
  readonly #perRun: number;

  /** Throws `model/unsupported` when the network has no such output. */
  constructor(network: OnnxNetwork, { output, perRun }: TowerOptions) {
    this.#network = network;
    this.#output = network.expectOutput(output);
    this.#perRun = perRun;
  }

  /** Width of an embedding, where the export says it. */
  get dim(): number | undefined {
    const last = this.#output.shape.at(-1);
    return typeof last === 'number' ? last : undefined;
  }

  /** The size an input's axis is fixed to, or undefined when it may change. */
  fixedSize(input: string, axis: number): number | undefined {
    return this.#network.fixedSize(input, axis);
  }

  /** Float32 [dim] per row, each with its own memory. Throws what `OnnxNetwork.run` throws. */
  async embed(rows: readonly Row[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    // An export may fix the batch: then every run has exactly that many rows.
    const fixed = this.fixedSize(this.#network.inputs[0]!.name, 0);
    const perRun = fixed ?? this.#perRun;
    const embeddings: Float32Array[] = [];
    for (let start = 0; start < rows.length; start += perRun) {
      const part = rows.slice(start, start + perRun);
      const feeds = Object.fromEntries(
        this.#network.inputs
          .filter(({ name }) => part.every((row) => Object.hasOwn(row, name)))
          .map((input) => [input.name, this.#stack(input, part, fixed ?? part.length)]),
      );
      const results = await this.#network.run(feeds, { outputs: [this.#output.name], signal });
      embeddings.push(...this.#split(results[this.#output.name]!, part.length));
    }
    return embeddings;
  }

  /** [batch, ...shape of a row]; rows beyond the given ones are zeros. */
  #stack(input: OnnxPort, rows: readonly Row[], batch: number): Feed {
    const first = rows[0]![input.name]!;
    const Data = first.data.constructor as new (length: number) => TensorData;
    const data = new Data(first.data.length * batch);
    for (const [index, row] of rows.entries()) {
      const { shape, data: part, dtype } = row[input.name]!;
      if (dtype !== first.dtype || shape.join() !== first.shape.join() || part.length !== first.data.length) {
        throw new WeftError('model/bad-input', {
          model: this.#network.name,
          input: input.name,
          expected: `tensors of one shape in a batch, [${first.shape.join(' x ')}]`,
          received: `[${shape.join(' x ')}]`,
        });
      }
      data.set(part as never, index * first.data.length);
    }
    return { dtype: first.dtype, shape: [batch, ...first.shape], data };
  }

  #split({ data, shape }: TensorValue, count: number): Float32Array[] {
    const dim = shape.at(-1) ?? 0;
    if (shape.length !== 2 || dim === 0) {
      const received = `[${shape.join(' x ')}]`;
      const expected = `[batch x dim] from output "${this.#output.name}"`;
      throw new WeftError('model/unsupported', { model: this.#network.name, expected, received });
    }
    const numbers = data as Float32Array;
    return Array.from({ length: count }, (_, row) => numbers.slice(row * dim, (row + 1) * dim));
  }
}
