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

const LAYER: LayerNames = {
  attention: { fused: 'attn.c_attn' },
  attentionOutput: 'attn.c_proj',
  attentionNorm: 'ln_1',
  up: 'mlp.c_fc',
  down: 'mlp.c_proj',
  feedForwardNorm: 'ln_2',
};

/** The causal mask as a buffer, and heads of other tasks. */
const UNUSED = [/\.attn\.(?:bias|masked_bias)$/, /^(?:multiple_choice_head|score)\./];

/**
 * @param rows which rows the head gives logits of: all of them, or the last one of each text, as writing needs
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function gpt2({ config, weights }: Checkpoint, rows: 'all' | 'last', architecture?: string): LanguageStack {
  config.only('add_cross_attention', false);
  const chosen = readArchitecture(config, ['GPT2LMHeadModel', 'GPT2Model'], architecture);
  const shape = readShape(config);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 50_257);
  const positions = config.count('n_positions', 1024);
  const isTied = config.flag('tie_word_embeddings', true);
  const model = weights.below(['transformer.', '']);
  const tokens = model.take('wte.weight', [vocabulary, width]);
  const head = (): HeadSpec => ({
    rows,
    linear: { weight: isTied ? tokens : weights.take('lm_head.weight', [vocabulary, width]) },
  });
  const stack: LanguageStack = {
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
      })),
      norm: layerNorm(model, 'ln_f', width, shape.epsilon),
      ...(chosen === 'GPT2LMHeadModel' ? { head: head() } : {}),
    },
  };
  // Some files repeat the tied matrix under the head's name.
  weights.finish({ ignore: [...UNUSED, /^lm_head\.weight$/] });
  return stack;
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
