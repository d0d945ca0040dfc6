/**
 * Tanh-gated cross-attention, which stands before a layer of a language model and starts as no change at all:
 *   y = y + tanh(a) · XAttn(LN(y), media),   y = y + tanh(b) · FFN(LN(y))
 * Source: Alayrac et al., Flamingo: a Visual Language Model for Few-Shot Learning (2022).
 */
import { Stack } from '../../native/stack.ts';
import type { ActivationName, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { hiddenOf } from './hidden-of.ts';

export interface GatedShape {
  /** How errors name it. */
  readonly name: string;
  readonly width: number;
  /** Width of the media's rows. */
  readonly memoryWidth: number;
  readonly heads: number;
  readonly headSize: number;
  /** Width of the feed-forward network's inner rows. */
  readonly inner: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
}

export interface GatedSpec {
  readonly block: StackSpec;
  /** The attention before its gate, without what it is added to. */
  readonly attention: StackSpec;
}

/** Weights by open_flamingo's names: attn.to_q, attn_gate, ff.1, ff_gate, … */
export function gatedCrossAttention(weights: WeightReader, shape: GatedShape): GatedSpec {
  const { name, width, memoryWidth, heads, headSize, inner, activation, epsilon } = shape;
  const names = { query: 'attn.to_q', keyValue: { fused: 'attn.to_kv' }, output: 'attn.to_out' };
  const attention: SublayerSpec = {
    before: layerNorm(weights, 'attn.norm', width, epsilon),
    crossAttention: crossAttention(weights, names, { width, memoryWidth, heads, inner: heads * headSize, bias: false }),
  };
  const network: SublayerSpec = {
    before: layerNorm(weights, 'ff.0', width, epsilon),
    gate: { kind: 'tanh', weight: weights.take('ff_gate', [1]) },
    feedForward: {
      up: linear(weights, 'ff.1', { inputs: width, outputs: inner, bias: false }),
      down: linear(weights, 'ff.3', { inputs: inner, outputs: width, bias: false }),
      activation,
    },
  };
  const gate = { kind: 'tanh', weight: weights.take('attn_gate', [1]) } as const;
  return {
    block: { name, width, layers: [[{ ...attention, gate }, network]] },
    attention: { name: `${name} attention`, width, layers: [[{ ...attention, residual: false }]] },
  };
}

/** Which rows of the media a row of text sees. */
export type MediaView = 'latest' | 'all';

/**
 * Of each text's rows, what is added to the scores of media, [batch, 1, length, media * rows]: 0 for those of the latest
 * picture at or before a row, or of all of them, else -infinity. A row before the first picture sees none.
 * @param locations [batch, length], row-major: 1 where a picture stands in the text
 * @param rows of each picture
 */
export function mediaBias(
  locations: readonly number[],
  batch: number,
  media: number,
  rows: number,
  view: MediaView,
): Tensor {
  const length = locations.length / batch;
  const bias = new Float32Array(batch * length * media * rows).fill(Number.NEGATIVE_INFINITY);
  for (let text = 0; text < batch; text += 1) {
    let seen = 0;
    for (let row = 0; row < length; row += 1) {
      seen += locations[text * length + row]!;
      const start = (text * length + row) * media * rows;
      const first = view === 'latest' ? Math.max(0, seen - 1) : 0;
      // Of pictures that were announced and not given nothing can be seen.
      const end = Math.min(seen, media);
      if (first < end) bias.fill(0, start + first * rows, start + end * rows);
    }
  }
  return Tensor.from(bias, [batch, 1, length, media * rows]);
}

export interface MediaInput {
  /** [batch, length, width]. */
  readonly text: Tensor;
  /** [batch, media * rows, memory width]. */
  readonly media: Tensor;
  /** As `mediaBias` makes it; left out: every row sees all. */
  readonly bias?: Tensor | undefined;
}

export class GatedCrossAttention {
  readonly bytes: number;
  readonly #block: Stack;
  readonly #attention: Stack;

  private constructor(block: Stack, attention: Stack) {
    this.#block = block;
    this.#attention = attention;
    this.bytes = block.bytes;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ block, attention }: GatedSpec, options: BuildOptions = {}): Promise<GatedCrossAttention> {
    return new GatedCrossAttention(await Stack.build(block, options), await Stack.build(attention, options));
  }

  /** The block's rows [batch, length, width]. Rejects as `Stack.run` does. */
  run(input: MediaInput, signal?: AbortSignal): Promise<Tensor> {
    return runWithMedia(this.#block, input, signal);
  }

  /** Only what the attention gives, before its gate. Rejects as `Stack.run` does. */
  attend(input: MediaInput, signal?: AbortSignal): Promise<Tensor> {
    return runWithMedia(this.#attention, input, signal);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#block.release();
    this.#attention.release();
  }
}

function runWithMedia(stack: Stack, { text, media, bias }: MediaInput, signal: AbortSignal | undefined) {
  const memory = [{ rows: media, ...(bias === undefined ? {} : { bias }) }];
  return hiddenOf(stack, text, { memory, signal });
}
