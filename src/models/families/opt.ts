/**
 * OPT: learned positions that begin at row 2 of their table, causal layers with the norm before or after (350M), word
 * embeddings that may be narrower than the stream, and a head tied to them.
 * Checkpoints of transformers' OPTModel, OPTForCausalLM; BLIP-2 has the tower inside.
 * Source: Zhang et al., OPT: Open Pre-trained Transformer Language Models (2022).
 */
import type { HeadSpec, NormSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type EncoderShape, type LayerNames, readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

const LAYER: LayerNames = {
  attention: { query: 'self_attn.q_proj', key: 'self_attn.k_proj', value: 'self_attn.v_proj' },
  attentionOutput: 'self_attn.out_proj',
  attentionNorm: 'self_attn_layer_norm',
  up: 'fc1',
  down: 'fc2',
  feedForwardNorm: 'final_layer_norm',
};

/** No option of the configuration: torch's own. */
const EPSILON = 1e-5;
/** Rows of the table of positions that no token has. */
const OFFSET = 2;

/** Heads of other tasks, and the tied matrix under the head's name. */
const UNUSED = [/^(?:score|qa_outputs)\./, /(?:^|\.)lm_head\.weight$/];

/**
 * @param rows which rows the head gives logits of: all of them, or the last one of each text, as writing needs
 * OPTModel has a head only where rows leave the stream narrower than they were in it.
 * Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export function opt({ config, weights }: Checkpoint, rows: 'all' | 'last', architecture?: string): LanguageStack {
  const chosen = readArchitecture(config, ['OPTForCausalLM', 'OPTModel'], architecture);
  const stack = optTower(config, weights, rows, { logits: chosen === 'OPTForCausalLM' });
  weights.finish({ ignore: UNUSED });
  return stack;
}

/** Most tokens of one text. */
export function optPositions(config: ConfigReader): number {
  return config.count('max_position_embeddings', 2048);
}

/** @param weights below which `model.decoder.`, `decoder.` and `lm_head.` lie */
export function optTower(
  config: ConfigReader,
  weights: WeightReader,
  rows: 'all' | 'last',
  { logits }: { readonly logits: boolean },
): LanguageStack {
  const shape = readShape(config);
  const { width } = shape;
  const vocabulary = config.count('vocab_size', 50_272);
  const positions = optPositions(config);
  const wordWidth = config.count('word_embed_proj_dim', width);
  const bias = config.flag('enable_bias', true);
  const plainNorms = !config.flag('layer_norm_elementwise_affine', true);
  const normsBefore = config.flag('do_layer_norm_before', true);
  const model = weights.below(['model.decoder.', 'decoder.', '']);
  const tokens = model.take('embed_tokens.weight', [vocabulary, wordWidth]);
  const isNarrow = wordWidth !== width;
  const project = (name: string, inputs: number, outputs: number) =>
    isNarrow ? linear(model, name, { inputs, outputs, bias: false }) : undefined;
  const projectIn = project('project_in', wordWidth, width);
  const projectOut = project('project_out', width, wordWidth);
  const isTied = config.flag('tie_word_embeddings', true);
  const words = logits && !isTied ? weights.take('lm_head.weight', [vocabulary, wordWidth]) : tokens;
  const steps = [
    ...(projectOut === undefined ? [] : [{ linear: projectOut }]),
    ...(logits ? [{ linear: { weight: words } }] : []),
  ];
  return {
    positions,
    spec: {
      name: config.model,
      width,
      tokens: {
        tokens,
        positions: model.take('embed_positions.weight', [positions + OFFSET, width]),
        positionOffset: OFFSET,
        ...(projectIn === undefined ? {} : { project: projectIn }),
      },
      layers: transformerLayers(model, ['layers.'], LAYER, shape, {
        norms: normsBefore ? 'before' : 'after',
        causal: true,
        queryKeyValueBias: bias,
        outputBias: bias,
        plainNorms,
      }),
      ...(normsBefore && !config.flag('_remove_final_layer_norm', false)
        ? { norm: finalNorm(model, width, plainNorms) }
        : {}),
      ...headOf(rows, steps),
    },
  };
}

function finalNorm(weights: WeightReader, width: number, isPlain: boolean): NormSpec {
  return isPlain ? { epsilon: EPSILON } : layerNorm(weights, 'final_layer_norm', width, EPSILON);
}

function headOf(rows: 'all' | 'last', steps: readonly Omit<HeadSpec, 'rows'>[]): { head?: HeadSpec } {
  const [first, ...more] = steps;
  return first === undefined ? {} : { head: { rows, ...first, ...(more.length === 0 ? {} : { more }) } };
}

function readShape(config: ConfigReader): EncoderShape {
  const width = config.count('hidden_size', 768);
  return {
    width,
    layers: config.count('num_hidden_layers', 12),
    heads: readHeads(config, 'num_attention_heads', 12, width),
    inner: config.count('ffn_dim', 3072),
    activation: readActivation(config, 'activation_function', 'relu'),
    epsilon: EPSILON,
  };
}
