/**
 * GroupViT: a tower of pictures without class token whose patches are gathered, stage by stage, into fewer and fewer groups;
 * groups are compared with texts, and patches inherit what their groups are. This file reads checkpoints of transformers'
 * GroupViTModel; groupvit-grouping.ts and groupvit-model.ts run them.
 * Source: Xu et al., GroupViT: Semantic Segmentation Emerges from Text Supervision (2022).
 */
import type { LinearSpec, NormSpec, StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { crossAttention } from '../blocks/cross-attention.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { readPictureShape } from '../blocks/patches.ts';
import { type EncoderShape, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import { storedScale } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { CLIP_BUFFERS, CLIP_LAYER, CLIP_TEXT, clipText, towerConfig } from './clip.ts';

const VISION = {
  ...{ width: 384, layers: 12, heads: 6, inner: 1536, activation: 'gelu', epsilon: 1e-5 },
  ...{ size: 224, patch: 16 },
};
const TEXT = { ...CLIP_TEXT, width: 256, heads: 4, inner: 1024 };
const STAGES = { depths: [6, 3, 3], tokens: [64, 8, 0], groups: [64, 8, 8], ratio: [0.5, 4] };

/** How many batches a batch norm has seen: of no use for inference. */
const COUNTERS = /_projection\.1\.num_batches_tracked$/;

export interface GroupvitStacks {
  /** Patches normalised, without positions. */
  readonly embedding: PictureStack;
  /** [patches, width], added afterwards. */
  readonly positions: Float32Array;
  readonly patch: readonly [number, number];
  readonly stages: readonly GroupStage[];
  /** Of the last groups. */
  readonly norm: StackSpec;
  readonly visualProjection: NormedProjection;
  /** The head gives the end token, not yet projected. */
  readonly text: TextStack;
  readonly textProjection: NormedProjection;
  readonly dim: number;
  /** What cosines are multiplied with. */
  readonly scale: number;
}

export interface GroupStage {
  /** Over rows and group tokens together. */
  readonly layers: StackSpec;
  /** Left out in a stage without group tokens, which leaves its rows as they are. */
  readonly grouping?: Grouping;
}

/** How a stage's rows become groups. */
export interface Grouping {
  /** [tokens, width]. */
  readonly tokens: Float32Array;
  readonly count: number;
  /** What the group tokens of the stage before give to these. */
  readonly projector?: { readonly norm: StackSpec; readonly mixer: MixerSpec };
  readonly tokenNorm: StackSpec;
  readonly rowNorm: StackSpec;
  /** From group tokens to groups. */
  readonly mixer: MixerSpec;
  readonly groupNorm: StackSpec;
  /** Groups ask the rows, before the assignment. */
  readonly ask: StackSpec;
  readonly query: LinearSpec;
  readonly key: LinearSpec;
  readonly value: LinearSpec;
  readonly output: LinearSpec;
  /** Added to the number of rows of a group before dividing by it. */
  readonly epsilon: number;
  /** The last feed-forward network. */
  readonly feedForward: StackSpec;
}

/** A feed-forward network across rows, number by number of their width. */
export interface MixerSpec {
  readonly up: LinearSpec;
  readonly down: LinearSpec;
  readonly activation: EncoderShape['activation'];
}

/** second(relu(batch norm(first(x)))); the norm's running statistics as factor and summand per number. */
export interface NormedProjection {
  readonly first: LinearSpec;
  readonly factors: Float32Array;
  readonly summands: Float32Array;
  readonly second: LinearSpec;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function groupvit({ config, weights }: Checkpoint, architecture?: string): Promise<GroupvitStacks> {
  readArchitecture(config, ['GroupViTModel'], architecture);
  const visionConfig = towerConfig(config, 'vision');
  const shape = readEncoderShape(visionConfig, VISION);
  const picture = readPictureShape(visionConfig, VISION);
  const { width, epsilon } = shape;
  const own = weights.below('vision_model.');
  const text = clipText(towerConfig(config, 'text'), weights, undefined, TEXT);
  const [dim, inner] = [config.count('projection_dim', 256), config.count('projection_intermediate_dim', 4096)];
  const norm = (name: string, spec: NormSpec): StackSpec => ({
    name: `${config.model} (${name})`,
    width,
    layers: [],
    norm: spec,
  });
  const stacks: GroupvitStacks = {
    embedding: {
      ...{ channels: picture.channels, size: picture.size },
      spec: {
        ...norm('vision', layerNorm(own, 'embeddings.layernorm', width, epsilon)),
        patches: {
          project: {
            weight: own.take('embeddings.patch_embeddings.projection.weight', [
              width,
              picture.channels,
              ...picture.patch,
            ]),
            bias: own.take('embeddings.patch_embeddings.projection.bias', [width]),
          },
        },
      },
    },
    positions: await own.floats('embeddings.position_embeddings', [1, picture.grid[0] * picture.grid[1], width]),
    patch: picture.patch,
    stages: await readStages(visionConfig, own, shape, norm),
    norm: norm('groups', layerNorm(own, 'layernorm', width, epsilon)),
    visualProjection: await readProjection(weights, 'visual_projection', width, inner, dim),
    text,
    textProjection: await readProjection(weights, 'text_projection', text.spec.width, inner, dim),
    dim,
    scale: await storedScale(weights),
  };
  weights.finish({ ignore: [CLIP_BUFFERS, COUNTERS] });
  return stacks;
}

type Norm = (name: string, spec: NormSpec) => StackSpec;

async function readStages(
  config: ConfigReader,
  weights: WeightReader,
  shape: EncoderShape,
  norm: Norm,
): Promise<GroupStage[]> {
  const depths = readList(config, 'depths', STAGES.depths);
  const tokens = readList(config, 'num_group_tokens', STAGES.tokens, depths.length);
  const groups = readList(config, 'num_output_groups', STAGES.groups, depths.length);
  const stages: GroupStage[] = [];
  for (const [stage, depth] of depths.entries()) {
    const own = weights.below(`encoder.stages.${stage}.`);
    const layers: StackSpec = {
      name: `${config.model} (stage ${stage})`,
      width: shape.width,
      layers: transformerLayers(own, ['layers.'], CLIP_LAYER, { ...shape, layers: depth }, { norms: 'before' }),
    };
    const counts = { tokens: tokens[stage]!, groups: groups[stage]!, before: stage === 0 ? 0 : groups[stage - 1]! };
    if (counts.tokens > 0 && counts.before !== (tokens[stage - 1] ?? 0)) {
      // Group tokens of the stage before are projected to these.
      config.bad(
        'num_output_groups',
        `${tokens[stage - 1]} in stage ${stage - 1}, as its group tokens,`,
        counts.before,
      );
    }
    const grouping = counts.tokens === 0 ? {} : { grouping: await readGrouping(config, own, shape, counts, norm) };
    stages.push({ layers, ...grouping });
  }
  return stages;
}

interface Counts {
  readonly tokens: number;
  readonly groups: number;
  /** Group tokens of the stage before. */
  readonly before: number;
}

async function readGrouping(
  config: ConfigReader,
  weights: WeightReader,
  shape: EncoderShape,
  { tokens, groups, before }: Counts,
  norm: Norm,
): Promise<Grouping> {
  const { width, epsilon, activation, inner, heads } = shape;
  const ratios = readRatios(config);
  const own = weights.below('downsample.');
  const square = { inputs: width, outputs: width };
  const named = (name: string) => norm(name, layerNorm(own, name, width, epsilon));
  const mixer = (reader: WeightReader, name: string, from: number, hidden: number, to: number): MixerSpec => ({
    up: linear(reader, `${name}.fc1`, { inputs: from, outputs: hidden }),
    down: linear(reader, `${name}.fc2`, { inputs: hidden, outputs: to }),
    activation,
  });
  const feedForward = (reader: WeightReader, name: string, hidden: number) => ({
    up: linear(reader, `${name}.fc1`, { inputs: width, outputs: hidden }),
    down: linear(reader, `${name}.fc2`, { inputs: hidden, outputs: width }),
    activation,
  });
  const asking = own.below('pre_assign_attn.');
  return {
    tokens: await weights.floats('group_token', [1, tokens, width]),
    count: tokens,
    ...(before === 0
      ? {}
      : {
          projector: {
            norm: norm('group_projector', layerNorm(weights, 'group_projector.0', width, epsilon)),
            mixer: mixer(weights, 'group_projector.1', before, Math.floor(width / 2), tokens),
          },
        }),
    tokenNorm: named('norm_tokens'),
    rowNorm: named('norm_x'),
    mixer: mixer(own, 'mlp_inter', tokens, Math.trunc(ratios[0] * width), groups),
    groupNorm: named('norm_post_tokens'),
    ask: {
      ...norm('pre_assign_attn', layerNorm(asking, 'norm_post', width, epsilon)),
      layers: [
        [
          { crossAttention: crossAttention(asking, ASKING, { width, heads }) },
          {
            before: layerNorm(asking, 'norm2', width, epsilon),
            feedForward: feedForward(asking, 'mlp', inner),
          },
        ],
      ],
    },
    query: linear(own, 'assign.q_proj', square),
    key: linear(own, 'assign.k_proj', square),
    value: linear(own, 'assign.v_proj', square),
    output: linear(own, 'assign.proj', square),
    epsilon: config.number('assign_eps', 1),
    feedForward: {
      ...{ name: `${config.model} (mlp_channels)`, width },
      layers: [
        [
          {
            before: layerNorm(own, 'norm_new_x', width, epsilon),
            feedForward: feedForward(own, 'mlp_channels', Math.trunc(ratios[1] * width)),
          },
        ],
      ],
    },
  };
}

const ASKING = {
  query: 'attn.q_proj',
  keyValue: { key: 'attn.k_proj', value: 'attn.v_proj' },
  output: 'attn.out_proj',
};

async function readProjection(
  weights: WeightReader,
  name: string,
  inputs: number,
  inner: number,
  dim: number,
): Promise<NormedProjection> {
  const read = (part: string) => weights.floats(`${name}.1.${part}`, [inner]);
  const [weight, bias, means, variances] = [
    await read('weight'),
    await read('bias'),
    await read('running_mean'),
    await read('running_var'),
  ];
  const factors = weight.map((value, index) => value / Math.sqrt(variances[index]! + BATCH_NORM_EPSILON));
  return {
    first: linear(weights, `${name}.0`, { inputs, outputs: inner }),
    factors,
    summands: bias.map((value, index) => value - means[index]! * factors[index]!),
    second: linear(weights, `${name}.3`, { inputs: inner, outputs: dim }),
  };
}

/** Of torch.nn.BatchNorm1d; no configuration changes it. */
const BATCH_NORM_EPSILON = 1e-5;

function readList(config: ConfigReader, key: string, absent: readonly number[], length?: number): readonly number[] {
  const list = config.has(key) ? config.ids(key) : absent;
  const wanted = length ?? list.length;
  return list.length === wanted && wanted > 0 ? list : config.bad(key, `${wanted || 'some'} whole numbers`, list);
}

/** One number for both networks, or one for each. */
function readRatios(config: ConfigReader): readonly [number, number] {
  const [first, second = first] = config.numbers('assign_mlp_ratio', STAGES.ratio);
  return [first!, second!];
}
