/**
 * TrOCR's decoder: post-norm layers that see what was written and a picture's rows, positions learned or sinusoids.
 * Part of checkpoints of transformers' VisionEncoderDecoderModel.
 * Source: Li et al., TrOCR: Transformer-based Optical Character Recognition with Pre-trained Models (2021).
 */
import type { StackSpec, TokenEmbeddingSpec, WeightData } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { type LayerNames, readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { placeAfter } from './bert.ts';

const LAYER: LayerNames = {
  attention: { query: 'self_attn.q_proj', key: 'self_attn.k_proj', value: 'self_attn.v_proj' },
  attentionOutput: 'self_attn.out_proj',
  attentionNorm: 'self_attn_layer_norm',
  up: 'fc1',
  down: 'fc2',
  feedForwardNorm: 'final_layer_norm',
  cross: {
    query: 'encoder_attn.q_proj',
    keyValue: { key: 'encoder_attn.k_proj', value: 'encoder_attn.v_proj' },
    output: 'encoder_attn.out_proj',
    norm: 'encoder_attn_layer_norm',
  },
};

/** No configuration has it. */
const EPSILON = 1e-5;

/** The first rows of the learned table, which no position uses. */
const LEARNED_OFFSET = 2;

/** Some files repeat the tied matrix, and hold a buffer of the sinusoids. */
export const TROCR_UNUSED = [/(?:^|\.)output_projection\.weight$/, /(?:^|\.)embed_positions\._float_tensor$/];

export function readTrocrWidth(config: ConfigReader): number {
  return config.count('d_model', 1024);
}

/** Most tokens of one text. */
export function trocrPositions(config: ConfigReader): number {
  return config.count('max_position_embeddings', 512);
}

/** @param weights reads at the decoder's prefix. Throws `model/bad-config`, `model/unsupported`. */
export function trocrDecoder(
  config: ConfigReader,
  weights: WeightReader,
  { rows, memoryWidth }: { readonly rows: 'all' | 'last'; readonly memoryWidth: number },
): LanguageStack {
  const width = readTrocrWidth(config);
  const vocabulary = config.count('vocab_size', 50_265);
  const positions = trocrPositions(config);
  const model = weights.below('model.decoder.');
  const tokens = model.take('embed_tokens.weight', [vocabulary, width]);
  const isTied = config.flag('tie_word_embeddings', true);
  const shape = {
    width,
    layers: config.count('decoder_layers', 12),
    heads: readHeads(config, 'decoder_attention_heads', 16, width),
    inner: config.count('decoder_ffn_dim', 4096),
    activation: readActivation(config, 'activation_function', 'gelu'),
    epsilon: EPSILON,
  };
  const placed = positionsOf(config, model, positions, width);
  const isNormed = config.flag('layernorm_embedding', true);
  const layers = transformerLayers(model, ['layers.'], LAYER, shape, { norms: 'after', causal: true, memoryWidth });
  return {
    positions,
    ...(placed.place === undefined ? {} : { place: placed.place }),
    spec: {
      name: config.model,
      width,
      tokens: {
        tokens,
        scale: config.flag('scale_embedding', false) ? Math.sqrt(width) : 1,
        ...placed.table,
        ...(isNormed ? { norm: layerNorm(model, 'layernorm_embedding', width, EPSILON) } : {}),
      },
      layers: isNormed ? layers : withFinerFirst(layers),
      head: {
        rows,
        linear: { weight: isTied ? tokens : weights.take('output_projection.weight', [vocabulary, width]) },
      },
    },
  };
}

/** Nothing has normed what the first layer reads: its scores may be large, and rounded weights would move its softmax. */
function withFinerFirst(layers: StackSpec['layers']): StackSpec['layers'] {
  return layers.map((layer, index) => (index === 0 ? layer.map((sublayer) => ({ ...sublayer, finer: true })) : layer));
}

interface Positions extends Pick<LanguageStack, 'place'> {
  readonly table: Pick<TokenEmbeddingSpec, 'positions' | 'positionOffset'>;
}

/** Sinusoids count on from the padding's id over the tokens that are no padding. */
function positionsOf(config: ConfigReader, weights: WeightReader, count: number, width: number): Positions {
  if (config.flag('use_learned_position_embeddings', true)) {
    const positions = weights.take('embed_positions.weight', [count + LEARNED_OFFSET, width]);
    return { table: { positions, positionOffset: LEARNED_OFFSET } };
  }
  const padding = config.id('pad_token_id', 1);
  return { table: { positions: sinusoids(count + padding + 1, width, padding) }, place: placeAfter(padding) };
}

/**
 * Row p: sin(p * f), then cos(p * f), with f_i = 10000 ^ (-i / (half - 1)); zeros for padding (Vaswani et al. 2017, in the
 * order of tensor2tensor). Rounded to float32 where the reference does, as angles grow large.
 */
export function sinusoids(rows: number, width: number, padding: number): WeightData {
  const half = Math.floor(width / 2);
  const step = Math.fround(-Math.log(10_000) / (half - 1));
  const frequencies = Float32Array.from({ length: half }, (_, index) => Math.exp(Math.fround(index * step)));
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    if (row === padding) continue;
    for (const [index, frequency] of frequencies.entries()) {
      const angle = Math.fround(row * frequency);
      data[row * width + index] = Math.sin(angle);
      data[row * width + half + index] = Math.cos(angle);
    }
  }
  return { data, shape: [rows, width], name: 'sinusoids' };
}
