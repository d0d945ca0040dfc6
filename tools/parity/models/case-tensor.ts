/** Inputs of a case as the engine takes them, and parts of what it gives. */
import { WeftError } from '../../../src/errors.ts';
import { gatherRows } from '../../../src/native/arrange.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import type { Reference } from '../case-tensors.ts';
import type { ModelCase } from './model-case.ts';

/** Throws `input/bad-file` when the case has no such input. */
export function caseInput({ inputs, folder }: ModelCase, name: string): Reference {
  const found = inputs.get(name);
  if (found !== undefined) return found;
  const reason = `it has ${[...inputs.keys()].join(', ') || 'none'}`;
  throw new WeftError('input/bad-file', { expected: `an input "${name}"`, path: folder, reason });
}

/** float32, in the shape that the case has or in another one of as many numbers. */
export function tensorOfCase(model: ModelCase, name: string, shape = caseInput(model, name).shape): Tensor {
  const { data } = caseInput(model, name);
  return Tensor.from(data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>), shape);
}

/** Whole numbers, row-major. */
export function numbersOfCase(model: ModelCase, name: string): number[] {
  return Array.from(caseInput(model, name).data as ArrayLike<number | bigint>, Number);
}

/** Rows from `start` to `end` of every item of [batch, rows, width]. */
export function cutRows(x: Tensor, start: number, end: number): Promise<Tensor> {
  const [batch = 0, rows = 0] = x.shape;
  const length = end - start;
  const chosen = Int32Array.from({ length: batch * length }, (_, index) => {
    return Math.floor(index / length) * rows + start + (index % length);
  });
  return gatherRows(x, chosen, [batch, length]);
}
