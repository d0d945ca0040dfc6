/** What runs the towers of a CLIP model: the addon's stacks or ONNX Runtime. Types, and the choice between them. */
import { WeftError } from '../errors.ts';
import type { Precision } from '../native/stack-spec.ts';
import type { TensorValue } from '../protocol/value.ts';
import type { Encoding } from '../text/tokenizer.ts';
import type { OnnxDtype } from './onnx/variant.ts';
import { WeightFiles } from './weights/weight-files.ts';

/** `auto`: the addon where the folder has the towers as safetensors, else ONNX Runtime. */
export type BackendChoice = 'auto' | 'native' | 'onnx';

export interface ClipSettings {
  readonly backend?: BackendChoice;
  /** Of the addon's weights; ONNX files have their own. */
  readonly precision?: Precision;
  /** Which ONNX files are read; the addon has none to choose from. */
  readonly dtype?: OnnxDtype;
}

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

/** Rejects with `model/unsupported` for a precision or dtype that the backend does not have, and `model/bad-weights`. */
export async function chooseBackend(
  folder: string,
  model: string,
  { backend = 'auto', precision = 'fp32', dtype = 'auto' }: ClipSettings,
): Promise<'native' | 'onnx'> {
  const chosen = backend === 'auto' ? ((await hasTowers(folder, model)) ? 'native' : 'onnx') : backend;
  if (chosen === 'onnx' && precision !== 'fp32') {
    const expected = 'safetensors and the native backend, which alone has a choice of precision,';
    throw new WeftError('model/unsupported', { model, expected, received: `ONNX files with precision ${precision}` });
  }
  if (chosen === 'native' && dtype !== 'auto') {
    const expected = 'the ONNX backend, which alone has a choice of dtype,';
    throw new WeftError('model/unsupported', { model, expected, received: `the native one with dtype ${dtype}` });
  }
  return chosen;
}

/** Repositories of ONNX files may hold the temperature in safetensors, and nothing else. Rejects with `model/bad-weights`. */
async function hasTowers(folder: string, model: string): Promise<boolean> {
  const weights = await WeightFiles.open(folder, { model }).catch((thrown: unknown) => {
    if (thrown instanceof WeftError && thrown.code === 'model/missing-file') return undefined;
    throw thrown;
  });
  if (weights === undefined) return false;
  weights.close();
  return [...weights.tensors.keys()].some((name) => name !== 'logit_scale');
}
