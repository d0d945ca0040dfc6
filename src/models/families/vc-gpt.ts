/**
 * VC-GPT: GPT-2 stays as it is; beside its head stands a stack that asks a picture, over GPT-2's last states, and the two
 * speak together (self-ensemble):
 *   h_G = GPT-2(words),   h_f = layers of cross-attention and feed-forward over h_G,   logits = W_G h_G + W_f h_f
 * The authors published no code: this follows the equations, with pre-norm layers and weight names of our own.
 * Source: Luo et al., A Frustratingly Simple Approach for End-to-End Image Captioning (2022).
 */
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { LinearSpec, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import { hiddenOf } from '../fusion/hidden-of.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import { LanguageModel, type LanguageStack } from '../towers/language-model.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { GPT2_UNUSED, gpt2Tower } from './gpt2.ts';

const CROSS = { query: 'q', keyValue: { key: 'k', value: 'v' }, output: 'o' } as const;

export interface VcGptSpec {
  readonly language: LanguageStack;
  /** Over the language model's last states; its memory are a picture's rows. */
  readonly fusion: StackSpec;
  readonly fusionHead: LinearSpec;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function vcGpt({ config, weights }: Checkpoint): VcGptSpec {
  const text = config.section('text_config');
  text.only('add_cross_attention', false);
  const language = gpt2Tower(text, weights.below('gpt.'), { rows: 'all' });
  const { width } = language.spec;
  const shape: FusionShape = {
    width,
    memoryWidth: config.count('visual_dim', 768),
    heads: readHeads(config, 'heads', 12, width),
    inner: config.count('intermediate_size', 4 * width),
    activation: readActivation(config, 'activation_function', 'gelu_new'),
    epsilon: config.number('layer_norm_epsilon', 1e-5),
  };
  const spec: VcGptSpec = {
    language,
    fusion: {
      name: `${config.model} fusion`,
      width,
      layers: Array.from({ length: config.count('layers', 6) }, (_, layer) =>
        fusionLayer(weights.below(`fusion.${layer}.`), shape),
      ),
      norm: layerNorm(weights, 'fusion_ln', width, shape.epsilon),
    },
    fusionHead: { weight: weights.take('fusion_head.weight', [text.count('vocab_size', 50_257), width]) },
  };
  weights.finish({ ignore: GPT2_UNUSED });
  return spec;
}

interface FusionShape {
  readonly width: number;
  readonly memoryWidth: number;
  readonly heads: number;
  readonly inner: number;
  readonly activation: ReturnType<typeof readActivation>;
  readonly epsilon: number;
}

function fusionLayer(weights: WeightReader, shape: FusionShape): readonly SublayerSpec[] {
  const { width, memoryWidth, heads, inner, activation, epsilon } = shape;
  const sides = { width, memoryWidth, heads };
  return [
    { before: layerNorm(weights, 'ln_cross', width, epsilon), crossAttention: crossAttention(weights, CROSS, sides) },
    {
      before: layerNorm(weights, 'ln_ff', width, epsilon),
      feedForward: {
        up: linear(weights, 'fc1', { inputs: width, outputs: inner }),
        down: linear(weights, 'fc2', { inputs: inner, outputs: width }),
        activation,
      },
    },
  ];
}

export interface VcGptInput {
  /** [batch, length], row-major, and which are tokens. */
  readonly ids: readonly number[];
  readonly batch: number;
  readonly mask?: Integers;
  /** [batch, rows, visual width]. */
  readonly visual: Tensor;
}

export class VcGpt {
  readonly #language: LanguageModel;
  readonly #fusion: Stack;
  readonly #head: Linear;

  private constructor(language: LanguageModel, fusion: Stack, head: Linear) {
    this.#language = language;
    this.#fusion = fusion;
    this.#head = head;
  }

  /** Rejects as `Stack.build` does. */
  static async build({ language, fusion, fusionHead }: VcGptSpec, options: BuildOptions = {}): Promise<VcGpt> {
    return new VcGpt(
      await LanguageModel.build(language, options),
      await Stack.build(fusion, options),
      await Linear.build(fusionHead, options),
    );
  }

  /**
   * Last states of both, and the logits [batch, length, vocabulary] that they speak together. Rejects with
   * `model/bad-input` for texts that are too long, and as `Stack.run` does.
   */
  async read({ ids, batch, mask, visual }: VcGptInput, signal?: AbortSignal) {
    const given = { ids, batch, ...(mask === undefined ? {} : { mask }) };
    const { hidden, head } = await this.#language.read(given, { signal });
    using alone = head!;
    const fused = await hiddenOf(this.#fusion, hidden!, { memory: [{ rows: visual }], signal });
    return { language: hidden!, fused, logits: await this.#head.run(fused, { residual: alone, signal }) };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [this.#language, this.#fusion, this.#head]) part.release();
  }
}
