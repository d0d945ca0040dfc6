/** A network that makes one row of each picture: `pixel_values` in, one output. Knows no preprocessing. */
import type { Tensor } from '../../native/tensor.ts';
import type { PictureEncoder } from '../towers/dual-encoder.ts';
import type { Pictures } from '../towers/picture-tower.ts';
import type { NetworkFeed, OnnxNetwork } from './network.ts';

export interface PictureNetworkOptions {
  /** The first of these that the network has is read. */
  readonly outputs: readonly string[];
  /** What it wants beside pictures, whatever they are. */
  readonly others?: () => Readonly<Record<string, NetworkFeed>>;
}

export class OnnxPictureEncoder implements PictureEncoder {
  readonly output: string;
  /** Of a row, where the file tells it. */
  readonly width: number | undefined;
  readonly #network: OnnxNetwork;
  readonly #others: () => Readonly<Record<string, NetworkFeed>>;

  /** Throws `model/unsupported` for a network with other inputs, or without any of the outputs. */
  constructor(network: OnnxNetwork, { outputs, others = () => ({}) }: PictureNetworkOptions) {
    network.expectInputs(['pixel_values', ...Object.keys(others())]);
    const { name, shape } = network.expectOutput(...outputs);
    const last = shape.at(-1);
    this.output = name;
    this.width = typeof last === 'number' ? last : undefined;
    this.#network = network;
    this.#others = others;
  }

  get bytes(): number {
    return this.#network.bytes;
  }

  embed({ data, shape }: Pictures, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const pixels = { dtype: 'float32' as const, shape, data };
    return this.#network.compute(this.output, { ...this.#others(), pixel_values: pixels }, options);
  }

  release(): void {
    this.#network.release();
  }
}
