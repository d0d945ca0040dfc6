/**
 * Co-attention: two streams, each of which asks the other. With i and t the rows of both,
 *   i' = LN(i + W_i · Attention(Q_i i, K_t t, V_t t)),  i'' = LN(i' + FFN(i'))
 * and likewise for t; both read what came in. Each direction has its own matrices, of one common width.
 * Source: Lu et al., ViLBERT: Pretraining Task-Agnostic Visiolinguistic Representations (2019).
 */
import { Stack } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { ActivationName, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

export interface CoAttentionShape {
  readonly visionWidth: number;
  readonly textWidth: number;
  /** Width of queries, keys and values, all heads together. */
  readonly inner: number;
  readonly heads: number;
  readonly visionFeedForward: number;
  readonly textFeedForward: number;
  readonly visionActivation: ActivationName;
  readonly textActivation: ActivationName;
  readonly epsilon: number;
}

/** Rows [batch, length, width] of a stream, and which of them are there, [batch, length]. */
export interface Stream {
  readonly rows: Tensor;
  readonly mask?: Integers | undefined;
}

export interface CoAttended {
  readonly vision: Tensor;
  readonly text: Tensor;
  /** After the attention's norm, before the feed-forward network. */
  readonly visionAttended: Tensor;
  readonly textAttended: Tensor;
}

export interface CoAttentionSpec {
  readonly vision: StackSpec;
  readonly text: StackSpec;
}

/** Weights by ViLBERT's names, where 1 is vision and 2 is text: biattention.query1, biOutput.dense1, v_intermediate.dense, … */
export function coAttention(name: string, weights: WeightReader, shape: CoAttentionShape): CoAttentionSpec {
  const { visionWidth, textWidth } = shape;
  const vision = streamLayers(weights, shape, {
    ...{ own: 1, other: 2, letter: 'v', width: visionWidth, memoryWidth: textWidth },
    ...{ feedForward: shape.visionFeedForward, activation: shape.visionActivation },
  });
  const text = streamLayers(weights, shape, {
    ...{ own: 2, other: 1, letter: 't', width: textWidth, memoryWidth: visionWidth },
    ...{ feedForward: shape.textFeedForward, activation: shape.textActivation },
  });
  return {
    vision: { name: `${name} vision`, width: visionWidth, layers: vision },
    text: { name: `${name} text`, width: textWidth, layers: text },
  };
}

export class CoAttention {
  readonly bytes: number;
  readonly #vision: Stack;
  readonly #text: Stack;

  private constructor(vision: Stack, text: Stack) {
    this.#vision = vision;
    this.#text = text;
    this.bytes = vision.bytes + text.bytes;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ vision, text }: CoAttentionSpec, options: BuildOptions = {}): Promise<CoAttention> {
    return new CoAttention(await Stack.build(vision, options), await Stack.build(text, options));
  }

  /** Rejects as `Stack.run` does. */
  async run(vision: Stream, text: Stream, signal?: AbortSignal): Promise<CoAttended> {
    const ask = (stack: Stack, { rows }: Stream, { rows: memory, mask }: Stream) =>
      stack.run(
        { rows },
        { memory: [mask === undefined ? { rows: memory } : { rows: memory, mask }], returnHidden: [1], signal },
      );
    const [ofVision, ofText] = await Promise.all([ask(this.#vision, vision, text), ask(this.#text, text, vision)]);
    return {
      vision: ofVision.hidden!,
      text: ofText.hidden!,
      visionAttended: ofVision.hiddenStates[0]!,
      textAttended: ofText.hiddenStates[0]!,
    };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#vision.release();
    this.#text.release();
  }
}

interface StreamNames {
  readonly own: 1 | 2;
  readonly other: 1 | 2;
  readonly letter: 'v' | 't';
  readonly width: number;
  readonly memoryWidth: number;
  readonly feedForward: number;
  readonly activation: ActivationName;
}

/** The two halves are two layers, so that the stream between them can be seen. */
function streamLayers(
  weights: WeightReader,
  { inner, heads, epsilon }: CoAttentionShape,
  { own, other, letter, width, memoryWidth, feedForward, activation }: StreamNames,
): (readonly SublayerSpec[])[] {
  const names = {
    query: `biattention.query${own}`,
    keyValue: { key: `biattention.key${other}`, value: `biattention.value${other}` },
    output: `biOutput.dense${own}`,
  };
  const attention: SublayerSpec = {
    after: layerNorm(weights, `biOutput.LayerNorm${own}`, width, epsilon),
    crossAttention: crossAttention(weights, names, { width, memoryWidth, heads, inner }),
  };
  const network: SublayerSpec = {
    after: layerNorm(weights, `${letter}_output.LayerNorm`, width, epsilon),
    feedForward: {
      up: linear(weights, `${letter}_intermediate.dense`, { inputs: width, outputs: feedForward }),
      down: linear(weights, `${letter}_output.dense`, { inputs: feedForward, outputs: width }),
      activation,
    },
  };
  return [[attention], [network]];
}
