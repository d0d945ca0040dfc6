/** What runs the towers of a CLIP model: the addon's stacks or ONNX Runtime. Types. */
import type { TensorValue } from '../protocol/value.ts';
import type { Encoding } from '../text/tokenizer.ts';

export interface ClipBackend {
  /** Width of the embeddings, where it is known. */
  readonly dim: number | undefined;
  /** exp(logit_scale). */
  readonly logitScale: number;
  /** Most tokens of a text. */
  readonly positions: number;
  /** Tokens that every text must be filled to, where the backend asks for it. */
  readonly textLength: number | undefined;
  /** Pictures float32 [3, H, W] of one size to float32 [dim] each, as projected, each with its own memory. */
  embedPictures(tensors: readonly TensorValue[], signal: AbortSignal | undefined): Promise<Float32Array[]>;
  /** Texts of one length to float32 [dim] each, as projected, each with its own memory. */
  embedTexts(encodings: readonly Encoding[], signal: AbortSignal | undefined): Promise<Float32Array[]>;
}

/** More at once gains nothing and costs memory: activations grow with it. */
export const PICTURES_PER_RUN = 16;
export const TEXTS_PER_RUN = 64;
