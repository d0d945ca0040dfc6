/**
 * Which of the forms that repositories for transformers.js offer of a network is read: by the suffixes that its exporter
 * gives them. Opens no file.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import { isOnnx } from '../model-files.ts';

/** Fullest first. */
const SUFFIXES = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const;
type OnnxForm = keyof typeof SUFFIXES;

const ONNX_FORMS = Object.keys(SUFFIXES) as readonly OnnxForm[];

/** `auto`: the first of them that is there for every network. */
export type OnnxDtype = 'auto' | OnnxForm;

export const ONNX_DTYPES = ['auto', ...ONNX_FORMS] as const satisfies readonly OnnxDtype[];

const PULL_HINT =
  'Pull a repository with safetensors or ONNX files (those for transformers.js have them), or export the model to ONNX.';

/** ONNX files of a model folder, as relative paths: those of `onnx/`, where transformers.js looks, else those beside config.json. */
export async function listOnnxFiles(folder: string): Promise<readonly string[]> {
  for (const part of ['onnx/', '']) {
    const names = (await readdir(join(folder, part)).catch(() => [])).filter(isOnnx).sort();
    if (names.length > 0) return names.map((name) => part + name);
  }
  return [];
}

/** Paths of the networks in the first form in which all of them are there; undefined where there is none. */
export function chooseForm(
  present: readonly string[],
  names: readonly string[],
  dtype: OnnxDtype,
): readonly string[] | undefined {
  for (const form of dtype === 'auto' ? ONNX_FORMS : [dtype]) {
    const files = names.map((name) => findFile(present, name, form));
    if (files.every((file) => file !== undefined)) return files;
  }
  return undefined;
}

/** Throws `model/missing-file` for the first of the networks that is not there. */
export function refuseMissing(
  present: readonly string[],
  names: readonly string[],
  { dtype, model }: { readonly dtype: OnnxDtype; readonly model: string },
): never {
  const form = dtype === 'auto' ? 'fp32' : dtype;
  const missing = names.find((name) => findFile(present, name, form) === undefined) ?? names[0]!;
  const hint =
    present.length === 0 ? PULL_HINT : `It has ${present.join(', ')}: pull the file, or choose another dtype.`;
  throw new WeftError('model/missing-file', { model, file: `onnx/${missing}${SUFFIXES[form]}.onnx`, hint });
}

function findFile(present: readonly string[], name: string, form: OnnxForm): string | undefined {
  const file = `${name}${SUFFIXES[form]}.onnx`;
  return present.find((path) => path === file || path === `onnx/${file}`);
}
