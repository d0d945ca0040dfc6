/**
 * Llama: rotary positions, grouped key heads, gated feed-forward networks. Checkpoints of transformers' LlamaModel,
 * LlamaForCausalLM, of all three generations; LLaVA has the tower inside.
 * Sources: Touvron et al., LLaMA (2023) and Llama 2 (2023); Grattafiori et al., The Llama 3 Herd of Models (2024).
 */
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { type LlamaShape, llamaLayer, rmsNorm } from '../blocks/llama-layer.ts';
import { readRotary } from '../blocks/rotary.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

/** Angles that old files hold, heads of other tasks, and a tied matrix under the head's name. */
const UNUSED = [/\.rotary_emb\.inv_freq$/, /^(?:score|qa_outputs)\./];

/**
 * @param rows which rows the head gives logits of: all of them, or the last one of each text, as writing needs
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function llama({ config, weights }: Checkpoint, rows: 'all' | 'last', architecture?: string): LanguageStack {
  const chosen = readArchitecture(config, ['LlamaForCausalLM', 'LlamaModel'], architecture);
  const hasHead = chosen === 'LlamaForCausalLM';
  const isTied = config.flag('tie_word_embeddings', false);
  const stack = llamaTower(
    config,
    weights.below(['model.', '']),
    hasHead ? { rows, head: weights, isTied } : undefined,
  );
  weights.finish({ ignore: [...UNUSED, ...(hasHead && !isTied ? [] : [/^lm_head\.weight$/])] });
  return stack;
}

/** Most tokens of one text. */
export function llamaPositions(config: ConfigReader): number {
  return config.count('max_position_embeddings', 2048);
}

export interface LlamaHead {
  readonly rows: 'all' | 'last';
  /** Where `lm_head.weight` lies; the word embeddings stand for it where they are tied. */
  readonly head: WeightReader;
  readonly isTied: boolean;
}

/** @param model where `embed_tokens.`, `layers.` and `norm.` lie */
export function llamaTower(config: ConfigReader, model: WeightReader, head?: LlamaHead): LanguageStack {
  const shape = readShape(config);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 32_000);
  const positions = llamaPositions(config);
  const tokens = model.take('embed_tokens.weight', [vocabulary, width]);
  return {
    positions,
    spec: {
      name: config.model,
      width,
      tokens: { tokens },
      layers: Array.from({ length: shape.layers }, (_, layer) => llamaLayer(model.below(`layers.${layer}.`), shape)),
      norm: rmsNorm(model, 'norm', width, shape.epsilon),
      rotary: readRotary(config, shape.headSize, positions),
      ...(head === undefined
        ? {}
        : {
            head: {
              rows: head.rows,
              linear: { weight: head.isTied ? tokens : head.head.take('lm_head.weight', [vocabulary, width]) },
            },
          }),
    },
  };
}

/** `pretraining_tp` is not read: it changes the order of roundings only. */
function readShape(config: ConfigReader): LlamaShape {
  const width = config.count('hidden_size', 4096);
  const heads = config.count('num_attention_heads', 32);
  const keyHeads = config.count('num_key_value_heads', heads);
  if (heads % keyHeads !== 0) config.bad('num_key_value_heads', `a divisor of the ${heads} heads`, keyHeads);
  if (!config.has('head_dim') && width % heads !== 0) {
    config.bad('num_attention_heads', `a divisor of the width, ${width},`, heads);
  }
  const headSize = config.count('head_dim', Math.floor(width / heads));
  return {
    ...{ width, heads, keyHeads, headSize },
    layers: config.count('num_hidden_layers', 32),
    inner: config.count('intermediate_size', 11_008),
    activation: readActivation(config, 'hidden_act', 'silu'),
    epsilon: config.number('rms_norm_eps', 1e-6),
    attentionBias: config.flag('attention_bias', false),
    feedForwardBias: config.flag('mlp_bias', false),
  };
}
