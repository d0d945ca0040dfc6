/**
 * VisualGPT's decoder block: GPT-2's self-attention and feed-forward network, and between them cross-attention to an
 * encoder of pictures, mixed in by a self-resurrecting gate. One norm serves the self-attention, the queries and the
 * encoder's rows.
 * Source: Chen et al., VisualGPT: Data-efficient Adaptation of Pretrained Language Models for Image Captioning (2021).
 */
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { layerNorm, linear, stackedLinear } from '../blocks/linear.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

export interface VisualGptSpec {
  readonly width: number;
  /** Shares of the gate up to it are cut to zero. */
  readonly threshold: number;
  readonly selfAttention: StackSpec;
  /** Of the encoder's rows. */
  readonly norm: StackSpec;
  /** What it gives is not added to its rows. */
  readonly crossAttention: StackSpec;
  readonly feedForward: StackSpec;
  /** Of each level of the encoder; none where the file has only the paper's gate. */
  readonly gates: readonly LinearSpec[];
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function visualGpt({ config, weights }: Checkpoint): VisualGptSpec {
  const width = config.count('dim', 768);
  const threshold = config.number('tau', 0);
  if (threshold < 0 || threshold > 1) config.bad('tau', 'a number from 0 to 1', threshold);
  const spec = visualGptBlock(weights, {
    name: config.model,
    width,
    heads: readHeads(config, 'heads', 12, width),
    levels: config.count('levels', 3),
    threshold,
    epsilon: config.number('eps', 1e-5),
    activation: readActivation(config, 'activation_function', 'gelu_new'),
  });
  weights.finish();
  return spec;
}

export interface VisualGptShape {
  /** How errors name it. */
  readonly name: string;
  readonly width: number;
  readonly heads: number;
  /** Levels of the encoder that have a gate of their own; 0: the paper's gate, which has no weights. */
  readonly levels: number;
  readonly threshold: number;
  readonly epsilon: number;
  readonly activation: 'gelu_tanh' | ReturnType<typeof readActivation>;
}

/** Weights by the authors' names: attn.c_attn and mlp as GPT-2 has them, enc_dec_attn.fc_q, fc_alpha1, … */
export function visualGptBlock(weights: WeightReader, shape: VisualGptShape): VisualGptSpec {
  const { name, width, heads, levels, threshold, epsilon, activation } = shape;
  const square = { inputs: width, outputs: width };
  const norm = layerNorm(weights, 'ln_1', width, epsilon);
  return {
    width,
    threshold,
    selfAttention: {
      name: `${name} self-attention`,
      width,
      layers: [
        [
          {
            before: norm,
            selfAttention: {
              heads,
              causal: true,
              qkv: linear(weights, 'attn.c_attn', { inputs: width, outputs: 3 * width, inputsFirst: true }),
              output: linear(weights, 'attn.c_proj', { ...square, inputsFirst: true }),
            },
          },
        ],
      ],
    },
    norm: { name: `${name} norm`, width, layers: [], norm },
    crossAttention: {
      name: `${name} cross-attention`,
      width,
      layers: [
        [
          {
            before: norm,
            residual: false,
            crossAttention: {
              memory: 0,
              heads,
              query: linear(weights, 'enc_dec_attn.fc_q', square),
              keyValue: stackedLinear(weights, ['enc_dec_attn.fc_k', 'enc_dec_attn.fc_v'], square),
              output: linear(weights, 'enc_dec_attn.c_proj', { ...square, inputsFirst: true }),
            },
          },
        ],
      ],
    },
    feedForward: {
      name: `${name} feed-forward`,
      width,
      layers: [
        [
          {
            before: layerNorm(weights, 'ln_2', width, epsilon),
            feedForward: {
              up: linear(weights, 'mlp.c_fc', { inputs: width, outputs: 4 * width, inputsFirst: true }),
              down: linear(weights, 'mlp.c_proj', { inputs: 4 * width, outputs: width, inputsFirst: true }),
              activation,
            },
          },
        ],
      ],
    },
    gates: Array.from({ length: levels }, (_, level) =>
      linear(weights, `fc_alpha${level + 1}`, { inputs: 2 * width, outputs: width }),
    ),
  };
}
