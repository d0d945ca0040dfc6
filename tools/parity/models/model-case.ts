/** A case of a model: its files, and what case.json says about them. Computes nothing. */
import { join } from 'node:path';
import { WeftError } from '../../../src/errors.ts';
import { isObject } from '../../../src/models/read-json.ts';
import { type Reference, readTensors } from '../case-tensors.ts';
import type { Tolerance } from '../compare.ts';
import type { CaseFolder } from '../outcome.ts';

export interface ModelCase {
  readonly name: string;
  readonly folder: string;
  readonly family: string;
  readonly hfClass: string;
  readonly inputs: ReadonlyMap<string, Reference>;
  readonly outputs: ReadonlyMap<string, Reference>;
  readonly tolerance: Tolerance;
  /** The mask of an output, over its leading axes. */
  readonly validMask: (output: string) => Reference | undefined;
  /** Arguments of `generate` that made an output; `X_scores` was made together with `X`. */
  readonly generate: (output: string) => Readonly<Record<string, unknown>> | undefined;
}

/** The end of an output's name that holds how the texts of another one scored. */
export const SCORES = /_scores$/;

/** Rejects with `input/bad-file`. */
export async function openModelCase({ name, folder, family, content }: CaseFolder): Promise<ModelCase> {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-file', { expected: 'a parity case', path: join(folder, 'case.json'), reason });
  };
  const { hf_class: hfClass, tolerance, valid_mask: masks = {}, generate = {} } = content;
  if (typeof hfClass !== 'string') return fail('it names no "hf_class"');
  if (!isTolerance(tolerance)) return fail('it has no "tolerance" of atol and rtol');
  if (!isObject(masks) || !isObject(generate)) return fail('"valid_mask" or "generate" is no object');
  const inputs = await readTensors(join(folder, 'inputs.safetensors'));
  const outputs = await readTensors(join(folder, 'outputs.safetensors'));
  return {
    ...{ name, folder, family, hfClass, inputs, outputs, tolerance },
    validMask(output) {
      const place = masks[output];
      if (place === undefined) return undefined;
      const [, where, mask] = /^(inputs|outputs):(.+)$/.exec(String(place)) ?? [];
      return (where === 'inputs' ? inputs : outputs).get(mask ?? '') ?? fail(`there is no mask "${place}"`);
    },
    generate(output) {
      const options = generate[output] ?? generate[output.replace(SCORES, '')];
      return isObject(options) ? options : undefined;
    },
  };
}

function isTolerance(value: unknown): value is Tolerance {
  return isObject(value) && typeof value.atol === 'number' && typeof value.rtol === 'number';
}
