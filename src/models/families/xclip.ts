/**
 * X-CLIP: CLIP's towers for videos. In every layer the frames of a video tell each other what they show through message
 * tokens, a small transformer integrates the frames, and texts are adapted to the video before they are compared with it.
 * This file reads checkpoints of transformers' XCLIPModel; xclip-video.ts runs them.
 * Source: Ni et al., Expanding Language-Image Pretrained Models for General Video Recognition (2022).
 */
import type { CrossAttentionSpec, LinearSpec, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import { crossFrameAttention } from '../fusion/cross-frame-attention.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import { projection, storedScale } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import {
  CLIP_BUFFERS,
  CLIP_LAYER,
  CLIP_TEXT,
  CLIP_VISION,
  clipText,
  clipVision,
  firstLargest,
  towerConfig,
} from './clip.ts';

const PROJECTION = 512;
/** transformers' defaults: the first ones of CLIP's configuration. */
const TEXT = { ...CLIP_TEXT, end: 2 };

export interface XclipStacks {
  /** Pictures to the input of the first layer. */
  readonly embedding: PictureStack;
  readonly layers: readonly {
    /** From the class token of a frame to its message. */
    readonly message: LinearSpec;
    /** Between the messages of a video. */
    readonly exchange: StackSpec;
    /** Of a frame and its message. */
    readonly frame: StackSpec;
  }[];
  /** Class token of the last rows, normalised and projected. */
  readonly pooler: StackSpec;
  readonly text: TextStack;
  /** Over the frames' projected class tokens, after `framePositions` [frames, dim] were added. */
  readonly integration: StackSpec;
  readonly framePositions: Float32Array;
  readonly prompts: {
    /** Patches of the last rows into the shared space. */
    readonly patches: StackSpec;
    /** Of their mean over the frames. */
    readonly norm: StackSpec;
    /** Texts that read the patches. */
    readonly generator: StackSpec;
    /** [dim]: how much of each number of the result is added to the text. */
    readonly alpha: Float32Array;
  };
  /** Frames of a video. */
  readonly frames: number;
  readonly dim: number;
  /** What cosines are multiplied with. */
  readonly scale: number;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function xclip({ config, weights }: Checkpoint, architecture?: string): Promise<XclipStacks> {
  readArchitecture(config, ['XCLIPModel'], architecture);
  const [visionConfig, textConfig] = [towerConfig(config, 'vision'), towerConfig(config, 'text')];
  const dim = config.count('projection_dim', PROJECTION);
  const frames = visionConfig.count('num_frames', 8);
  const vision = clipVision(visionConfig, weights, projection(weights, 'visual_projection', dim, 'projected'));
  const text = clipText(textConfig, weights, projection(weights, 'text_projection', dim, 'projected'), TEXT);
  const { width } = vision.spec;
  const epsilon = visionConfig.number('layer_norm_eps', CLIP_VISION.epsilon);
  const bare = (name: string): StackSpec => ({ name: `${config.model} (${name})`, width, layers: [] });
  const { layers, head, ...embedding } = vision.spec;
  const stacks: XclipStacks = {
    embedding: { ...vision, spec: { ...embedding, layers: [] } },
    layers: layers.map((sublayers, layer) => readLayer(weights, sublayers, bare(`layer ${layer}`), layer, epsilon)),
    pooler: { ...bare('pooler'), ...(head === undefined ? {} : { head }) },
    text: { ...text, headRow: firstLargest },
    integration: readIntegration(config, visionConfig, weights.below('mit.'), dim),
    framePositions: await weights.floats('mit.position_embedding', [1, frames, dim]),
    prompts: {
      patches: {
        ...bare('prompt patches'),
        norm: layerNorm(weights, 'prompts_visual_layernorm', width, epsilon),
        head: {
          rows: 'all',
          linear: { weight: weights.take('prompts_visual_projection', [width, dim]), inputsFirst: true },
        },
      },
      norm: {
        ...{ name: `${config.model} (prompt norm)`, width: dim, layers: [] },
        norm: layerNorm(weights, 'prompts_generator.layernorm', dim, epsilon),
      },
      generator: readGenerator(config, textConfig, weights, dim),
      alpha: await weights.floats('prompts_generator.alpha', [dim]),
    },
    ...{ frames, dim },
    scale: await storedScale(weights),
  };
  weights.finish({ ignore: [CLIP_BUFFERS] });
  return stacks;
}

function readLayer(
  weights: WeightReader,
  sublayers: readonly SublayerSpec[],
  bare: StackSpec,
  layer: number,
  epsilon: number,
): XclipStacks['layers'][number] {
  const { width } = bare;
  const heads = sublayers[0]!.selfAttention!.heads;
  const own = weights.below(`vision_model.encoder.layers.${layer}.`);
  return {
    ...crossFrameAttention(own, { name: bare.name, width, heads, epsilon }),
    frame: { ...bare, layers: [sublayers] },
  };
}

function readIntegration(config: ConfigReader, vision: ConfigReader, weights: WeightReader, dim: number): StackSpec {
  const width = vision.count('mit_hidden_size', 512);
  // It reads projected class tokens and gives the video's embedding.
  if (width !== dim) vision.bad('mit_hidden_size', `${dim}, as projection_dim,`, width);
  const shape = {
    width,
    layers: vision.count('mit_num_hidden_layers', 1),
    heads: readHeads(vision, 'mit_num_attention_heads', 8, width),
    inner: vision.count('mit_intermediate_size', 2048),
    activation: readActivation(vision, 'hidden_act', CLIP_VISION.activation),
    epsilon: vision.number('layer_norm_eps', CLIP_VISION.epsilon),
  };
  return {
    name: `${config.model} (frames)`,
    width,
    layers: transformerLayers(weights, ['encoder.layers.'], CLIP_LAYER, shape, { norms: 'before' }),
  };
}

/** Texts ask the video's patches: text + attention(norm(text), patches), then a feed-forward network. */
function readGenerator(config: ConfigReader, text: ConfigReader, weights: WeightReader, dim: number): StackSpec {
  const heads = readHeads(config, 'prompt_num_attention_heads', 8, dim);
  const activation = readActivation(config, 'prompt_hidden_act', 'quick_gelu');
  const epsilon = text.number('layer_norm_eps', CLIP_TEXT.epsilon);
  return {
    name: `${config.model} (prompts)`,
    width: dim,
    layers: Array.from({ length: config.count('prompt_layers', 2) }, (_, layer) => {
      const own = weights.below(`prompts_generator.decoder.${layer}.`);
      return [
        { before: layerNorm(own, 'norm1', dim, epsilon), crossAttention: promptAttention(own, dim, heads) },
        {
          before: layerNorm(own, 'norm3', dim, epsilon),
          feedForward: {
            up: linear(own, 'mlp.0', { inputs: dim, outputs: 4 * dim }),
            down: linear(own, 'mlp.3', { inputs: 4 * dim, outputs: dim }),
            activation,
          },
        },
      ];
    }),
  };
}

const PROMPT_ATTENTION = {
  query: 'cross_attn.q_proj',
  keyValue: { key: 'cross_attn.k_proj', value: 'cross_attn.v_proj' },
  output: 'cross_attn.proj',
};

/** Only the matrix after the heads has a bias. */
function promptAttention(weights: WeightReader, dim: number, heads: number): CrossAttentionSpec {
  return {
    ...crossAttention(weights, PROMPT_ATTENTION, { width: dim, heads, bias: false }),
    output: linear(weights, PROMPT_ATTENTION.output, { inputs: dim, outputs: dim }),
  };
}
