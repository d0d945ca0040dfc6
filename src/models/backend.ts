/** What runs a model's weights, the addon's stacks or ONNX Runtime: the choice between them. */
import { WeftError } from '../errors.ts';
import type { Precision } from '../native/stack-spec.ts';
import { listOnnxFiles, type OnnxDtype } from './onnx/variant.ts';
import { WeightFiles } from './weights/weight-files.ts';

export const BACKENDS = ['auto', 'native', 'onnx'] as const;
/** `auto`: the addon where the folder has safetensors, unless a dtype is named; else ONNX Runtime where it has ONNX files. */
export type BackendChoice = (typeof BACKENDS)[number];

export interface BackendSettings {
  readonly backend?: BackendChoice | undefined;
  /** Of the addon's weights, fp32 when left out; ONNX files have their own. */
  readonly precision?: Precision | undefined;
  /** Which ONNX files are read; the addon has none to choose from. */
  readonly dtype?: OnnxDtype | undefined;
}

/**
 * Rejects with `model/unsupported` for a precision or dtype that the backend does not have, and with `model/bad-weights`
 * where ONNX files lie beside them: else who loads the weights finds out.
 */
export async function chooseBackend(
  folder: string,
  model: string,
  { backend = 'auto', precision = 'fp32', dtype = 'auto' }: BackendSettings,
): Promise<'native' | 'onnx'> {
  const chosen = backend === 'auto' ? await ownBackend(folder, model, dtype) : backend;
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

async function ownBackend(folder: string, model: string, dtype: OnnxDtype): Promise<'native' | 'onnx'> {
  if (dtype !== 'auto') return 'onnx';
  // Names first: opening weights reads the header of every shard.
  if ((await listOnnxFiles(folder)).length === 0) return 'native';
  return (await hasWeights(folder, model)) ? 'native' : 'onnx';
}

/** Repositories of ONNX files may hold the temperature in safetensors, and nothing else. Rejects with `model/bad-weights`. */
async function hasWeights(folder: string, model: string): Promise<boolean> {
  const weights = await WeightFiles.open(folder, { model }).catch((thrown: unknown) => {
    if (thrown instanceof WeftError && thrown.code === 'model/missing-file') return undefined;
    throw thrown;
  });
  if (weights === undefined) return false;
  weights.close();
  return [...weights.tensors.keys()].some((name) => name !== 'logit_scale');
}
