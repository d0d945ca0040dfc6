/** What the editor, the validator and the CLI need to know about a model. Browser-safe leaf: data only. */

import type { WeftError } from '../errors.ts';

export interface ModelInfo {
  /** How graphs name it: `zoo/clip-shapes`, `openai/clip-vit-base-patch32`, or a path. */
  readonly ref: string;
  /** `clip`, `onnx`, … : the family that can load it. */
  readonly family: string;
  readonly source: 'zoo' | 'hub' | 'folder';
  /** The embedding space it makes: its identity, equal for the same weights wherever they lie. */
  readonly space?: string;
  /** Width of its embeddings. */
  readonly dim?: number;
  /** Height and width of the pictures it takes, pixels. */
  readonly imageSize?: readonly [number, number];
  readonly bytes: number;
  /** SHA-256 over its files' contents, hex. */
  readonly hash: string;
}

/** What a checkpoint is and needs: `weft models info`. */
export interface ModelDetails extends ModelInfo {
  readonly checkpoint?: CheckpointDetails;
  /** Why it cannot be loaded as a family, in words; absent where it can. */
  readonly problem?: string;
}

export interface CheckpointDetails {
  /** The family as people write it: `BridgeTower`. */
  readonly title: string;
  /** The class that config.json names. */
  readonly architecture: string;
  /** What it does, by the names of the hub's pipelines; the first is what `load` does. */
  readonly tasks: readonly string[];
  /** Numbers in its weight files; not told of ONNX files. */
  readonly parameters?: number;
  /** Bytes of the weights while loaded, by precision; activations come on top. Not told of ONNX files. */
  readonly memory?: Readonly<Record<'fp32' | 'bf16' | 'int8', number>>;
  /** ONNX files that it can run from; absent where there are none, or its class does not run from them. */
  readonly onnx?: readonly string[];
  /** The saved graph to open: its name without `.json`. */
  readonly graph: string;
  readonly paper: { readonly title: string; readonly url: string };
}

/** Answers whether a model is here; the validator gets one prepared for the graph at hand. */
export interface ModelLookup {
  (ref: string): ModelInfo | undefined;
  /** What is wrong with a model that is here and cannot be told; undefined for one that is not here at all. */
  readonly problem?: (ref: string) => WeftError | undefined;
}
