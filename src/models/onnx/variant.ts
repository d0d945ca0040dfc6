/**
 * Which of the forms that repositories for transformers.js offer of a network is read: by the suffixes that its exporter
 * gives them. Opens no file.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';

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

/** `auto`: the first of them that is there for every network. */
export type OnnxDtype = 'auto' | OnnxForm;

export const ONNX_DTYPES = ['auto', ...(Object.keys(SUFFIXES) as OnnxForm[])] as const satisfies readonly OnnxDtype[];

const PULL_HINT =
  'Pull a repository with safetensors or ONNX files (those for transformers.js have them), or export the model to ONNX.';

/**
 * Paths of networks (`vision_model`, `text_model`) inside the folder, all in one form. Rejects with `model/missing-file`,
 * which names the ONNX files that are there.
 */
export async function onnxFiles(
  folder: string,
  names: readonly string[],
  { dtype, model }: { readonly dtype: OnnxDtype; readonly model: string },
): Promise<readonly string[]> {
  const present = (await readdir(join(folder, 'onnx')).catch(() => [])).filter((name) => name.endsWith('.onnx')).sort();
  const forms = dtype === 'auto' ? (Object.keys(SUFFIXES) as OnnxForm[]) : [dtype];
  const filesOf = (form: OnnxForm) => names.map((name) => `${name}${SUFFIXES[form]}.onnx`);
  const whole = forms.find((form) => filesOf(form).every((file) => present.includes(file)));
  if (whole !== undefined) return filesOf(whole).map((file) => `onnx/${file}`);
  const missing = filesOf(forms[0]!).find((file) => !present.includes(file))!;
  const hint =
    present.length === 0
      ? PULL_HINT
      : `Its folder onnx/ has ${present.join(', ')}: pull the file, or choose another dtype.`;
  throw new WeftError('model/missing-file', { model, file: `onnx/${missing}`, hint });
}
