/**
 * GPT-2: learned positions, causal pre-norm layers whose matrices are stored [inputs, outputs], and a head tied to the
 * token embeddings. Checkpoints of transformers' GPT2Model, GPT2LMHeadModel.
 * Source: Radford et al., Language Models are Unsupervised Multitask Learners (2019).
 */
import type { HeadSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { type EncoderShape, type LayerNames, readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

const LAYER: LayerNames = {
  attention: { fused: 'attn.c_attn' },
  attentionOutput: 'attn.c_proj',
  attentionNorm: 'ln_1',
  up: 'mlp.c_fc',
  down: 'mlp.c_proj',
  feedForwardNorm: 'ln_2',
  cross: {
    query: 'crossattention.q_attn',
    keyValue: { fused: 'crossattention.c_attn' },
    output: 'crossattention.c_proj',
    norm: 'ln_cross_attn',
  },
};

/** The causal mask as a buffer, heads of other tasks; and some files repeat the tied matrix under the head's name. */
export const GPT2_UNUSED = [
  /\.(?:attn|crossattention)\.(?:bias|masked_bias)$/,
  /^(?:multiple_choice_head|score)\./,
  /(?:^|\.)lm_head\.weight$/,
];

/**
 * @param rows which rows the head gives logits of: all of them, or the last one of each text, as writing needs
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function gpt2({ config, weights }: Checkpoint, rows: 'all' | 'last', architecture?: string): LanguageStack {
  config.only('add_cross_attention', false);
  const chosen = readArchitecture(config, ['GPT2LMHeadModel', 'GPT2Model'], architecture);
  const stack = gpt2Tower(config, weights, chosen === 'GPT2LMHeadModel' ? { rows } : {});
  weights.finish({ ignore: GPT2_UNUSED });
  return stack;
}

export interface Gpt2Options {
  /** Rows that the head reads; no head when left out. */
  readonly rows?: 'all' | 'last';
  /** Width of the memory's rows that every layer reads after its self-attention; none when left out. */
  readonly memoryWidth?: number;
}

/** The layers and their head. */
export function gpt2Tower(
  config: ConfigReader,
  weights: WeightReader,
  { rows, memoryWidth }: Gpt2Options,
): LanguageStack {
  const shape = readShape(config);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 50_257);
  const positions = gpt2Positions(config);
  const isTied = config.flag('tie_word_embeddings', true);
  const model = weights.below(['transformer.', '']);
  const tokens = model.take('wte.weight', [vocabulary, width]);
  const head = (read: 'all' | 'last'): HeadSpec => ({
    rows: read,
    linear: { weight: isTied ? tokens : weights.take('lm_head.weight', [vocabulary, width]) },
  });
  return {
    positions,
    spec: {
      name: config.model,
      width,
      tokens: { tokens, positions: model.take('wpe.weight', [positions, width]) },
      layers: transformerLayers(model, ['h.'], LAYER, shape, (layer) => ({
        norms: 'before',
        causal: true,
        inputsFirst: true,
        scoreScale: scoreScale(config, width / shape.heads, layer),
        ...(memoryWidth === undefined ? {} : { memoryWidth }),
      })),
      norm: layerNorm(model, 'ln_f', width, shape.epsilon),
      ...(rows === undefined ? {} : { head: head(rows) }),
    },
  };
}

/** Most tokens of one text. */
export function gpt2Positions(config: ConfigReader): number {
  return config.count('n_positions', 1024);
}

/** `reorder_and_upcast_attn` is not read: it changes where half precision rounds, and scores are float32 here. */
function readShape(config: ConfigReader): EncoderShape {
  const width = config.count('n_embd', 768);
  return {
    width,
    layers: config.count('n_layer', 12),
    heads: readHeads(config, 'n_head', 12, width),
    inner: config.count('n_inner', 4 * width),
    activation: readActivation(config, 'activation_function', 'gelu_new'),
    epsilon: config.number('layer_norm_epsilon', 1e-5),
  };
}

function scoreScale(config: ConfigReader, headSize: number, layer: number): number {
  const scale = config.flag('scale_attn_weights', true) ? 1 / Math.sqrt(headSize) : 1;
  return config.flag('scale_attn_by_inverse_layer_idx', false) ? scale / (layer + 1) : scale;
}
