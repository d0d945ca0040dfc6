/** How a picture becomes the first rows of a stack: sizes from the configuration, weights by name. */
import type { NormSpec, PatchEmbeddingSpec } from '../../native/stack-spec.ts';
import type { ExpectedShape, WeightName, WeightReader } from '../weights/weight-reader.ts';
import type { ConfigReader } from './config-reader.ts';

/** Patches along height and width. */
export type Grid = readonly [number, number];

export interface PictureShape {
  readonly channels: number;
  /** Height and width, pixels. */
  readonly size: readonly [number, number];
  readonly patch: readonly [number, number];
  /** Patches along height and width; a rest smaller than a patch is left out. */
  readonly grid: readonly [number, number];
}

/** Throws `model/bad-config` for a picture smaller than a patch. */
export function readPictureShape(
  config: ConfigReader,
  defaults: { readonly size: number; readonly patch: number },
): PictureShape {
  const size = config.size('image_size', defaults.size);
  const patch = config.size('patch_size', defaults.patch);
  const grid = [Math.floor(size[0] / patch[0]), Math.floor(size[1] / patch[1])] as const;
  if (grid.includes(0)) config.bad('image_size', `at least the patch size, ${patch.join(' x ')},`, size);
  return { channels: config.count('num_channels', 3), size, patch, grid };
}

interface StoredRows {
  readonly name: WeightName;
  /** Axes before the last, which is the width: families store one row as [width] or as [1, 1, width]. */
  readonly axes: ExpectedShape;
}

export interface PatchNames {
  readonly project: WeightName;
  /** Left out: it has one. */
  readonly bias?: boolean;
  /** Rows that belong to no patch, in order. */
  readonly leading: readonly StoredRows[];
  /** Left out: patches do not know where they stand. */
  readonly positions?: (rows: number) => StoredRows;
}

export function patchEmbedding(
  weights: WeightReader,
  names: PatchNames,
  picture: PictureShape,
  width: number,
  norm?: NormSpec,
): PatchEmbeddingSpec {
  const rows = ({ name, axes }: StoredRows) => weights.take(name, [...axes, width]);
  const { bias = true, positions } = names;
  return {
    project: {
      weight: weights.take(`${names.project}.weight`, [width, picture.channels, ...picture.patch]),
      ...(bias ? { bias: weights.take(`${names.project}.bias`, [width]) } : {}),
    },
    leading: names.leading.map(rows),
    ...(positions === undefined
      ? {}
      : { positions: rows(positions(names.leading.length + picture.grid[0] * picture.grid[1])) }),
    grid: picture.grid,
    ...(norm === undefined ? {} : { norm }),
  };
}
