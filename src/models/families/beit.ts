/**
 * BEiT: a ViT with layer scale and a bias of attention for the offset between two patches, whose keys have no bias.
 * Checkpoints of transformers' BeitModel, BeitForImageClassification.
 * Source: Bao et al., BEiT: BERT Pre-Training of Image Transformers (2021).
 */
import { add, concat, gatherRows, permute, reshape } from '../../native/arrange.ts';
import { upsample } from '../../native/planes.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import type { HeadSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type Grid, patchEmbedding, readPictureShape } from '../blocks/patches.ts';
import { biasOf, countOffsets, offsetsOf } from '../blocks/relative-positions.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { VIT_LAYER } from './vit.ts';

const DEFAULTS = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };

const LAYERS = ['encoder.layer.', 'layers.', 'encoder.layers.'];
const TABLE = 'relative_position_bias.relative_position_bias_table';

/** From the class token to a patch, from a patch to it, from it to itself: the table's last rows. */
const CLASS_OFFSETS = 3;

/** Parts that only training and other tasks use, and buffers of old files. */
export const BEIT_UNUSED = [
  /(?:^|\.)embeddings\.mask_token$/,
  /relative_position_index$/,
  /^lm_head\./,
  /^layernorm\./,
];

/**
 * The head gives the logits of a classifier, or what that would read: the mean of the patches, normalised, or the class
 * token. Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export async function beit({ config, weights }: Checkpoint, architecture?: string): Promise<PictureStack> {
  const chosen = readArchitecture(config, ['BeitModel', 'BeitForImageClassification'], architecture);
  const model = weights.below(['beit.', '']);
  const { width, epsilon } = readEncoderShape(config, DEFAULTS);
  const isClassifier = chosen === 'BeitForImageClassification';
  const classifier = () => ({
    linear: linear(weights, 'classifier', { inputs: width, outputs: readLabelCount(config) }),
  });
  const isMean = config.flag('use_mean_pooling', true);
  const pooled = (): HeadSpec =>
    isMean ? { rows: 'mean', skip: 1, norm: layerNorm(model, 'pooler.layernorm', width, epsilon) } : { rows: 'first' };
  const tower = await beitTower(config, model, { ...pooled(), ...(isClassifier ? classifier() : {}) });
  weights.finish({ ignore: [...BEIT_UNUSED, ...(isClassifier ? [] : [/^classifier\./])] });
  return tower;
}

/** The layers alone; `head` reads their stream, which is normalised where no mean is pooled from it. */
export async function beitTower(config: ConfigReader, weights: WeightReader, head?: HeadSpec): Promise<PictureStack> {
  const shape = readEncoderShape(config, DEFAULTS);
  const picture = readPictureShape(config, { size: 224, patch: 16 });
  const { width } = shape;
  const hasPositions = config.flag('use_absolute_position_embeddings', false);
  const names = {
    project: 'embeddings.patch_embeddings.projection',
    leading: [{ name: 'embeddings.cls_token', axes: [1, 1] }],
    ...(hasPositions
      ? { positions: (rows: number) => ({ name: 'embeddings.position_embeddings', axes: [1, rows] }) }
      : {}),
  };
  const layer: LayerNames = {
    ...VIT_LAYER,
    ...(config.number('layer_scale_init_value', 0.1) > 0 ? { scales: ['lambda_1', 'lambda_2'] } : {}),
  };
  const tables = await readTables(config, weights, picture.grid, shape);
  return {
    channels: picture.channels,
    size: picture.size,
    anySize: true,
    ...(tables === undefined ? {} : { bias: (grid, options) => biases(tables, picture.grid, grid, options) }),
    spec: {
      name: config.model,
      width,
      patches: patchEmbedding(weights, names, picture, width),
      layers: transformerLayers(weights, LAYERS, layer, shape, {
        norms: 'before',
        queryKeyValueBias: [true, false, true],
      }),
      ...(config.flag('use_mean_pooling', true) ? {} : { norm: layerNorm(weights, 'layernorm', width, shape.epsilon) }),
      ...(head === undefined ? {} : { head }),
    },
  };
}

/** Tables [offsets + 3, heads], of which a layer adds up one or two. */
interface Tables {
  /** Of all layers. */
  readonly shared: Tensor | undefined;
  /** Of each layer; none where they have only the shared one. */
  readonly own: readonly Tensor[];
}

async function readTables(
  config: ConfigReader,
  weights: WeightReader,
  [height, width]: Grid,
  { layers, heads }: { readonly layers: number; readonly heads: number },
): Promise<Tables | undefined> {
  const isOwn = config.flag('use_relative_position_bias', false);
  const isShared = config.flag('use_shared_relative_position_bias', false);
  if (!isOwn && !isShared) return undefined;
  const shape = [countOffsets(height, width) + CLASS_OFFSETS, heads];
  const table = async (reader: WeightReader, names: readonly string[]) =>
    Tensor.from(await reader.floats(names, shape), shape);
  const own = Array.from({ length: isOwn ? layers : 0 }, (_, layer) =>
    table(weights.below(LAYERS.map((prefix) => `${prefix}${layer}.`)), [`attention.attention.${TABLE}`, TABLE]),
  );
  return {
    shared: isShared
      ? await table(weights, [`encoder.${TABLE}`, `shared_position_bias.relative_position_bias_table`])
      : undefined,
    own: await Promise.all(own),
  };
}

/** For pictures of a grid, one bias [1, heads, length, length] for all layers or for each. */
async function biases(
  { shared, own }: Tables,
  trained: Grid,
  grid: Grid,
  options: OperatorOptions,
): Promise<readonly Tensor[]> {
  const offsets = withClassToken(grid);
  const bias = async (table: Tensor) => {
    using resized = await resizeTable(table, trained, grid, options);
    return await biasOf(resized, offsets, options);
  };
  if (shared === undefined) return Promise.all(own.map(bias));
  if (own.length === 0) return [await bias(shared)];
  using common = await bias(shared);
  return await Promise.all(
    own.map(async (table) => {
      using layer = await bias(table);
      return await add(layer, common, options);
    }),
  );
}

/** Rows of the table for all pairs, the class token's among them. */
function withClassToken([height, width]: Grid): Int32Array {
  const offsets = offsetsOf(height, width, 1);
  const length = 1 + height * width;
  const [classToPatch, patchToClass, classToClass] = [0, 1, 2].map((index) => countOffsets(height, width) + index);
  for (let patch = 1; patch < length; patch += 1) {
    offsets[patch] = classToPatch!;
    offsets[patch * length] = patchToClass!;
  }
  offsets[0] = classToClass!;
  return offsets;
}

/**
 * The table for another grid: its offsets resized bilinearly, the class token's rows kept. As transformers does, the rows
 * are seen as a plane of 2 * width - 1 by 2 * height - 1 whatever the grid's orientation.
 */
async function resizeTable(table: Tensor, trained: Grid, grid: Grid, options: OperatorOptions): Promise<Tensor> {
  const heads = table.shape[1]!;
  const count = countOffsets(...trained);
  const rowsOf = (from: number, length: number) => {
    const rows = Int32Array.from({ length }, (_, index) => from + index);
    return gatherRows(table, rows, [length], options);
  };
  using places = await rowsOf(0, count);
  using planes = await permute(places, [1, 0], options);
  using old = reshape(planes, [heads, 2 * trained[1] - 1, 2 * trained[0] - 1]);
  using resized = await upsample(old, { height: 2 * grid[0] - 1, width: 2 * grid[1] - 1, ...options });
  using flat = reshape(resized, [heads, countOffsets(...grid)]);
  using rows = await permute(flat, [1, 0], options);
  using last = await rowsOf(count, CLASS_OFFSETS);
  return await concat([rows, last], 0, options);
}
