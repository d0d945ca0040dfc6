/**
 * What nodes reach outside themselves: files, models and their sessions. Interfaces only, so that a test can stand in
 * for each; src/app.ts makes the real ones.
 */
import type { FileAccess } from '../files/access.ts';
import type { BackendSettings } from '../models/backend.ts';
import type { AnchorShelf } from '../models/free/anchor-shelf.ts';
import type { BlockLoader } from '../models/fusion/block-loader.ts';
import type { OnnxPool } from '../models/onnx/pool.ts';
import type { FamilyModel } from '../models/pipelines/family-loader.ts';
import type { ModelInfo } from '../protocol/model-info.ts';
import type { TensorValue } from '../protocol/value.ts';

export interface Services {
  readonly files: FileAccess;
  readonly models: ModelAccess;
  readonly onnx: Pick<OnnxPool, 'session'>;
  /** Both towers of a CLIP-style model; loaded once for the same settings. Throws `model/...`. */
  readonly clip: (ref: string, settings: BackendSettings) => Promise<ClipTowers>;
  /** A checkpoint of any family and the tasks it does; loaded once for the same settings. Throws `model/...`. */
  readonly family: (ref: string, settings: BackendSettings) => Promise<FamilyModel>;
  /** Part of a checkpoint, as a fusion block; loaded once for the same request. Throws `model/...`. */
  readonly block: BlockLoader;
  /** Collections of ASIF's anchors. */
  readonly anchors: AnchorShelf;
}

export interface ModelAccess {
  /** Throws `model/not-found`. */
  info(ref: string): Promise<ModelInfo>;
  /** Real path of the model's folder, or of its file where the reference names one. Throws `model/not-found`. */
  folder(ref: string): Promise<string>;
  /** The ONNX file it means. Throws `model/not-found`, `model/missing-file`. */
  onnxFile(ref: string): Promise<string>;
}

export interface ClipTowers {
  /** Identity of the embedding space. */
  readonly space: string;
  /** exp(logit_scale). */
  readonly logitScale: number;
  /** Pictures float32 [3, H, W], all of one size, to embeddings float32 [dim] each, as projected. */
  encodeImages(tensors: readonly TensorValue[], options: { signal: AbortSignal }): Promise<readonly Float32Array[]>;
  encodeTexts(texts: readonly string[], options: { signal: AbortSignal }): Promise<readonly Float32Array[]>;
}
