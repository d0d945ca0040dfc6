/**
 * Idefics, the open Flamingo: CLIP's tower and a perceiver resampler give the rows of pictures; blocks of gated
 * cross-attention before layers of Llama read them, each word those of the pictures it may see.
 *   x = x + tanh(a) · XAttn(RMS(x), pictures),   x = x + tanh(b) · FFN(RMS(x)),   then Llama's layer
 * Checkpoints of transformers' IdeficsForVisionText2Text.
 * Sources: Laurençon et al., OBELICS (2023); Alayrac et al., Flamingo (2022).
 */
import type { LinearSpec, NormSpec, SublayerSpec, WeightSource } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { gatedFeedForward, type LlamaShape, llamaLayer, rmsNorm } from '../blocks/llama-layer.ts';
import { readRotary } from '../blocks/rotary.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import type { ResamplerLayerSpec, ResamplerSpec } from '../fusion/perceiver-resampler.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { CLIP_BUFFERS, clipRows } from './clip.ts';

const VISION = {
  ...{ width: 768, layers: 32, heads: 16, inner: 5120, activation: 'gelu', epsilon: 1e-5 },
  ...{ size: 224, patch: 14 },
};

/** Of the resampler's norms: torch's own. */
const EPSILON = 1e-5;

/** Angles that old files hold. */
const UNUSED = [CLIP_BUFFERS, /\.rotary_emb\.inv_freq$/];

export interface IdeficsStacks {
  readonly vision: PictureStack;
  /** Left out where pictures are read row by row. */
  readonly resampler: ResamplerSpec | undefined;
  /** Its memory are the rows of all pictures of a text. */
  readonly language: LanguageStack;
  /**
   * Which of the language's hidden states transformers numbers 0, 1, 2, …: what Llama's first layer reads, behind the block
   * before it, then what each of Llama's layers gives.
   */
  readonly states: readonly number[];
  /** Words that were added, [count, width]: their ids follow those of the language's own. */
  readonly added: { readonly rows: Float32Array; readonly count: number; readonly first: number };
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`; rejects with `input/bad-file`. */
export async function idefics({ config, weights }: Checkpoint, rows: 'all' | 'last'): Promise<IdeficsStacks> {
  const model = weights.below('model.');
  const vision = clipRows(config.section('vision_config').renamed('embed_dim', 'hidden_size'), model, {
    normed: false,
    defaults: VISION,
  });
  const memoryWidth = vision.spec.width;
  const shape = readShape(config);
  const { width } = shape;
  const first = config.count('vocab_size', 32_000);
  const count = config.id('additional_vocab_size', 0);
  const positions = config.count('max_position_embeddings', 2048);
  const tokens = model.take('embed_tokens.weight', [first, width]);
  const added = 'embed_tokens.additional_embedding.weight';
  const layers = await readLayers(config, model, shape, memoryWidth);
  const stacks: IdeficsStacks = {
    vision,
    states: statesOf(layers),
    resampler: config.flag('use_resampler', false)
      ? await readResampler(config, model.below('perceiver_resampler.'), memoryWidth)
      : undefined,
    language: {
      positions,
      spec: {
        name: config.model,
        width,
        tokens: { tokens },
        layers: layers.flat(),
        norm: rmsNorm(model, 'norm', width, shape.epsilon),
        rotary: readRotary(config, shape.headSize, positions),
        head: { rows, linear: headOf(config, weights, tokens, count === 0 ? [] : [[added, count, width]]) },
      },
    },
    added: { first, count, rows: count === 0 ? new Float32Array(0) : await model.floats(added, [count, width]) },
  };
  weights.finish({ ignore: [...UNUSED, ...(config.flag('tie_word_embeddings', false) ? [/^lm_head\./] : [])] });
  return stacks;
}

/** The words' matrix and, below it, that of the added words; embeddings where they are tied. */
function headOf(
  config: ConfigReader,
  weights: WeightReader,
  tokens: WeightSource,
  added: readonly (readonly [name: string, count: number, width: number])[],
): LinearSpec {
  if (config.flag('tie_word_embeddings', false)) {
    return {
      weight: [tokens, ...added.map(([name, count, width]) => weights.take(`model.${name}`, [count, width]))],
    };
  }
  return {
    weight: [
      weights.take('lm_head.weight', tokens.shape),
      ...added.map(([, count, width]) => weights.take('lm_head.additional_fc.weight', [count, width])),
    ],
  };
}

/** For each of Llama's layers what stands there: every `cross_layer_interval`-th has a block before it. */
async function readLayers(config: ConfigReader, model: WeightReader, shape: LlamaShape, memoryWidth: number) {
  const interval = config.count('cross_layer_interval', 1);
  if (shape.layers % interval !== 0) {
    config.bad('cross_layer_interval', `a divisor of the ${shape.layers} layers`, interval);
  }
  const isVector = config.text('alpha_type', 'float') === 'vector';
  if (!isVector) config.only('alpha_type', 'float');
  const layers = Array.from({ length: shape.layers }, async (_, layer) => {
    const own = llamaLayer(model.below(`layers.${layer}.`), shape);
    if (layer % interval !== 0) return [own];
    const weights = model.below(`gated_cross_attn_layers.${layer / interval}.`);
    return [await gatedBlock(config, weights, shape, { memoryWidth, isVector }), own];
  });
  return Promise.all(layers);
}

function statesOf(layers: readonly (readonly unknown[])[]): number[] {
  let state = 0;
  // The first layer always has a block before it.
  return [1, ...layers.map((parts) => (state += parts.length))];
}

async function gatedBlock(
  config: ConfigReader,
  weights: WeightReader,
  shape: LlamaShape,
  { memoryWidth, isVector }: { readonly memoryWidth: number; readonly isVector: boolean },
): Promise<readonly SublayerSpec[]> {
  const { width, heads, headSize, epsilon } = shape;
  const names = {
    query: 'cross_attn.q_proj',
    keyValue: { key: 'cross_attn.k_proj', value: 'cross_attn.v_proj' },
    output: 'cross_attn.o_proj',
  };
  const hasNorms = config.flag('qk_layer_norms', false);
  const norm = (name: string) => rmsNorm(weights, `cross_attn.${name}`, headSize, epsilon);
  return [
    {
      before: rmsNorm(weights, 'input_layernorm', width, epsilon),
      ...(await gateOf(weights, 'alpha_cross_attn', width, isVector)),
      crossAttention: {
        ...crossAttention(weights, names, { width, memoryWidth, heads, bias: false }),
        ...(hasNorms ? { queryNorm: norm('q_layer_norm'), keyNorm: norm('k_layer_norm') } : {}),
      },
    },
    {
      before: rmsNorm(weights, 'post_attention_layernorm', width, epsilon),
      ...(await gateOf(weights, 'alpha_dense', width, isVector)),
      feedForward: gatedFeedForward(weights, 'mlp', shape),
    },
  ];
}

/** One gate for all columns, or one for each. */
async function gateOf(
  weights: WeightReader,
  name: string,
  width: number,
  isVector: boolean,
): Promise<Pick<SublayerSpec, 'gate' | 'columnScale'>> {
  if (!isVector) return { gate: { kind: 'tanh', weight: weights.take(name, [1]) } };
  const alphas = await weights.floats(name, [1, 1, width]);
  return { columnScale: { data: alphas.map(Math.tanh), shape: [width], name } };
}

async function readResampler(config: ConfigReader, weights: WeightReader, width: number): Promise<ResamplerSpec> {
  const options = config.section('perceiver_config');
  const latents = options.count('resampler_n_latents', 64);
  return {
    name: `${config.model} (resampler)`,
    width,
    latents: await weights.floats('latents', [latents, width]),
    layers: Array.from({ length: options.count('resampler_depth', 6) }, (_, layer) =>
      resamplerLayer(options, weights.below(`blocks.${layer}.`), width),
    ),
    norm: layerNorm(weights, 'layer_norm', width, EPSILON),
  };
}

function resamplerLayer(options: ConfigReader, weights: WeightReader, width: number): ResamplerLayerSpec {
  const heads = options.count('resampler_n_heads', 16);
  const headSize = options.count('resampler_head_dim', 96);
  const inner = 4 * width;
  const norm = (name: string, size = width): NormSpec => layerNorm(weights, name, size, EPSILON);
  const names = { query: '0.q_proj', keyValue: { key: '0.k_proj', value: '0.v_proj' }, output: '0.output_proj' };
  const attention = crossAttention(weights, names, { width, heads, inner: heads * headSize, bias: false });
  const latentNorm = norm('0.latents_layer_norm');
  const headNorms = options.flag('qk_layer_norms_perceiver', false)
    ? { queryNorm: norm('0.q_layer_norm', headSize), keyNorm: norm('0.k_layer_norm', headSize) }
    : {};
  return {
    mediaNorm: norm('0.context_layer_norm'),
    latentNorm,
    sublayers: [
      { before: latentNorm, crossAttention: { ...attention, ...headNorms } },
      {
        before: norm('1.ln'),
        feedForward: {
          up: linear(weights, '1.fc', { inputs: width, outputs: inner, bias: false }),
          down: linear(weights, '1.c_proj', { inputs: inner, outputs: width, bias: false }),
          activation: 'relu',
        },
      },
    ],
  };
}

function readShape(config: ConfigReader): LlamaShape {
  const width = config.count('hidden_size', 4096);
  const heads = readHeads(config, 'num_attention_heads', 32, width);
  return {
    ...{ width, heads, keyHeads: heads, headSize: width / heads },
    layers: config.count('num_hidden_layers', 32),
    inner: config.count('intermediate_size', 11_008),
    activation: readActivation(config, 'hidden_act', 'silu'),
    epsilon: config.number('rms_norm_eps', 1e-6),
    attentionBias: false,
    feedForwardBias: false,
  };
}
