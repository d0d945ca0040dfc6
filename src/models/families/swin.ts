/**
 * Swin: patches attend within windows, which every second block shifts, and stages join four patches into one.
 * Checkpoints of transformers' SwinModel, SwinForImageClassification.
 * Source: Liu et al., Swin Transformer: Hierarchical Vision Transformer using Shifted Windows (2021).
 */
import type { HeadSpec, LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type PictureShape, patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { countOffsets } from '../blocks/relative-positions.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { PatchMergingSpec, WindowBlockSpec } from '../towers/window-block.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

export interface SwinSpec {
  readonly name: string;
  readonly picture: PictureShape;
  /** Patches, normalised. */
  readonly embedding: StackSpec;
  /** Absolute positions [patches, width], where there are such. */
  readonly positions: Tensor | undefined;
  readonly stages: readonly SwinStageSpec[];
  /** The last norm and the head over the mean of all patches. */
  readonly top: StackSpec;
}

export interface SwinStageSpec {
  readonly blocks: readonly WindowBlockSpec[];
  /** The last stage has none. */
  readonly merging: PatchMergingSpec | undefined;
}

/** Of the embedding's norm and of those before patches are joined, whatever the configuration says. */
const FIXED_EPSILON = 1e-5;

/** Parts that only training and other tasks use, and buffers of old files. */
export const SWIN_UNUSED = [
  /(?:^|\.)embeddings\.mask_token$/,
  /relative_position_index$/,
  /(?:^|\.)attn_mask$/,
  /^decoder\./,
];

/**
 * The head gives the logits of a classifier, or the mean of all patches.
 * Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export async function swin({ config, weights }: Checkpoint, architecture?: string): Promise<SwinSpec> {
  const chosen = readArchitecture(config, ['SwinModel', 'SwinForImageClassification'], architecture);
  const model = weights.below(['swin.', '']);
  const isClassifier = chosen === 'SwinForImageClassification';
  const spec = await swinTower(config, model, (width) =>
    isClassifier ? linear(weights, 'classifier', { inputs: width, outputs: readLabelCount(config) }) : undefined,
  );
  weights.finish({ ignore: isClassifier ? SWIN_UNUSED : [...SWIN_UNUSED, /^classifier\./] });
  return spec;
}

/** Width of the last stage's rows. */
export function readSwinWidth(config: ConfigReader): number {
  return config.count('embed_dim', 96) * 2 ** (readStages(config).length - 1);
}

/** The layers alone; `classify` gives the matrix over the mean of all patches, where there is one. */
export async function swinTower(
  config: ConfigReader,
  weights: WeightReader,
  classify: (width: number) => LinearSpec | undefined = () => undefined,
): Promise<SwinSpec> {
  const name = config.model;
  const picture = readPictureShape(config, { size: 224, patch: 4 });
  const width = config.count('embed_dim', 96);
  const last = readSwinWidth(config);
  const classifier = classify(last);
  const head: HeadSpec = { rows: 'mean', ...(classifier === undefined ? {} : { linear: classifier }) };
  const names = { project: 'embeddings.patch_embeddings.projection', leading: [] };
  const norm = layerNorm(weights, 'embeddings.norm', width, FIXED_EPSILON);
  const patches = picture.grid[0] * picture.grid[1];
  const hasPositions = config.flag('use_absolute_embeddings', false);
  const positions = hasPositions
    ? await weights.floats('embeddings.position_embeddings', [1, patches, width])
    : undefined;
  return {
    name,
    picture,
    embedding: { name, width, patches: patchEmbedding(weights, names, picture, width, norm), layers: [] },
    positions: positions && Tensor.from(positions, [patches, width]),
    stages: await Promise.all(readStages(config).map((stage) => stageOf(config, weights, stage))),
    top: {
      name,
      width: last,
      layers: [],
      norm: layerNorm(weights, 'layernorm', last, config.number('layer_norm_eps', 1e-5)),
      head,
    },
  };
}

interface Stage {
  readonly index: number;
  readonly depth: number;
  readonly heads: number;
  readonly width: number;
  readonly isLast: boolean;
}

function readStages(config: ConfigReader): readonly Stage[] {
  const list = (key: string, absent: readonly number[]) => (config.has(key) ? config.ids(key) : absent);
  const depths = list('depths', [2, 2, 6, 2]);
  const heads = list('num_heads', [3, 6, 12, 24]);
  if (depths.length === 0 || depths.includes(0)) config.bad('depths', 'whole numbers from 1', depths);
  if (heads.length !== depths.length) config.bad('num_heads', `${depths.length} numbers, one for each stage,`, heads);
  return depths.map((depth, index) => {
    const width = config.count('embed_dim', 96) * 2 ** index;
    if (heads[index] === 0 || width % heads[index]! !== 0) {
      config.bad('num_heads', `divisors of the stages' widths, ${width} in stage ${index},`, heads);
    }
    return { index, depth, heads: heads[index]!, width, isLast: index === depths.length - 1 };
  });
}

async function stageOf(config: ConfigReader, weights: WeightReader, stage: Stage): Promise<SwinStageSpec> {
  const { index, depth, width, isLast } = stage;
  const reader = weights.below(`encoder.layers.${index}.`);
  const merging = (): PatchMergingSpec => ({
    name: config.model,
    width: 4 * width,
    norm: layerNorm(reader, 'downsample.norm', 4 * width, FIXED_EPSILON),
    reduction: linear(reader, 'downsample.reduction', { inputs: 4 * width, outputs: 2 * width, bias: false }),
  });
  const blocks = Array.from({ length: depth }, (_, block) =>
    blockOf(config, reader.below(`blocks.${block}.`), stage, block % 2 === 1),
  );
  return { blocks: await Promise.all(blocks), merging: isLast ? undefined : merging() };
}

/** The names of hub checkpoints, then those that transformers 5 gives the same parts in memory. */
async function blockOf(
  config: ConfigReader,
  weights: WeightReader,
  { width, heads }: Stage,
  isShifted: boolean,
): Promise<WindowBlockSpec> {
  const window = config.count('window_size', 7);
  const epsilon = config.number('layer_norm_eps', 1e-5);
  const inner = Math.trunc(width * config.number('mlp_ratio', 4));
  const bias = config.flag('qkv_bias', true);
  const part = (name: string) =>
    linear(weights, [`attention.self.${name}`, `attention.${name[0]}_proj`], { inputs: width, outputs: width, bias });
  const tables = 'relative_position_bias_table';
  const shape = [countOffsets(window, window), heads];
  const table = await weights.floats([`attention.self.${tables}`, `attention.relative_position_bias.${tables}`], shape);
  return {
    name: config.model,
    width,
    heads,
    window,
    shift: isShifted ? Math.floor(window / 2) : 0,
    norm: layerNorm(weights, 'layernorm_before', width, epsilon),
    query: part('query'),
    key: part('key'),
    value: part('value'),
    output: linear(weights, ['attention.output.dense', 'attention.o_proj'], { inputs: width, outputs: width }),
    table: Tensor.from(table, shape),
    feedForward: {
      before: layerNorm(weights, 'layernorm_after', width, epsilon),
      feedForward: {
        up: linear(weights, ['intermediate.dense', 'mlp.fc1'], { inputs: width, outputs: inner }),
        down: linear(weights, ['output.dense', 'mlp.fc2'], { inputs: inner, outputs: width }),
        activation: readActivation(config, 'hidden_act', 'gelu'),
      },
    },
  };
}
