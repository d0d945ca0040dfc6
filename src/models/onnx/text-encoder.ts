/** A network that reads texts all at once: token ids in, one output. Knows no tokenizer. */
import type { Tensor } from '../../native/tensor.ts';
import type { TextEncoder, Tokens } from '../towers/text-tower.ts';
import type { NetworkFeed, OnnxNetwork } from './network.ts';

/** Inputs of networks that read texts. */
export const TEXT_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'] as const;

export interface TextNetworkOptions {
  /** The first of these that the network has is read. */
  readonly outputs: readonly string[];
  /** Most tokens of one text; fewer where the file is made for fewer. */
  readonly positions: number;
  /** What it wants beside texts, whatever they are. */
  readonly others?: () => Readonly<Record<string, NetworkFeed>>;
}

export class OnnxTextEncoder implements TextEncoder {
  readonly name: string;
  readonly positions: number;
  /** To which length every text must be filled, where the file is made for one only. */
  readonly fixedLength: number | undefined;
  /** Of a row, where the file tells it. */
  readonly width: number | undefined;
  readonly #network: OnnxNetwork;
  readonly #output: string;
  readonly #others: () => Readonly<Record<string, NetworkFeed>>;

  /** Throws `model/unsupported` for a network with other inputs, or without any of the outputs. */
  constructor(network: OnnxNetwork, { outputs, positions, others = () => ({}) }: TextNetworkOptions) {
    network.expectInputs([...TEXT_INPUTS, ...Object.keys(others())]);
    const { name, shape } = network.expectOutput(...outputs);
    const last = shape.at(-1);
    this.name = network.name;
    this.fixedLength = network.fixedSize('input_ids', 1);
    this.positions = Math.min(positions, this.fixedLength ?? positions);
    this.width = typeof last === 'number' ? last : undefined;
    this.#network = network;
    this.#output = name;
    this.#others = others;
  }

  get bytes(): number {
    return this.#network.bytes;
  }

  embed(tokens: Tokens, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    return this.#network.compute(this.#output, { ...this.#others(), ...textFeeds(tokens) }, options);
  }

  release(): void {
    this.#network.release();
  }
}

/** All that networks may want to know of texts: without a mask all tokens are seen, without segments all are of the first. */
export function textFeeds({ ids, batch = 1, mask, segments }: Tokens): Readonly<Record<string, NetworkFeed>> {
  const shape = [batch, ids.length / batch];
  const all = (value: number) => Array<number>(ids.length).fill(value);
  return {
    input_ids: { integers: ids, shape },
    attention_mask: { integers: mask ?? all(1), shape },
    token_type_ids: { integers: segments ?? all(0), shape },
  };
}
