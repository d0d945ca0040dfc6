/**
 * Checks of what operators are given, with sentences a person can act on. Must not call the addon.
 */
import { WeftError } from '../errors.ts';
import { Tensor } from './tensor.ts';

/** Refuses an argument: throws `native/bad-argument`. */
export function refuse(operator: string, argument: string, expected: string, received: unknown): never {
  throw new WeftError('native/bad-argument', { operator, argument, expected, received: String(received) });
}

/** "[2, 3]". */
export function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`;
}

/**
 * A tensor whose shape ends in, or with `whole` is, `shape`; a text stands for any length and a leading '...' for any
 * axes. Throws `native/bad-argument`, `native/released`.
 */
export function expectTensor(
  operator: string,
  argument: string,
  tensor: Tensor,
  shape: readonly (number | string)[],
): Tensor {
  if (!(tensor instanceof Tensor)) refuse(operator, argument, 'a tensor', typeof tensor);
  const open = shape[0] === '...';
  const sides = open ? shape.slice(1) : shape;
  const last = tensor.shape.slice(tensor.shape.length - sides.length);
  const fits =
    (open ? tensor.shape.length >= sides.length : tensor.shape.length === sides.length) &&
    sides.every((side, axis) => typeof side === 'string' || last[axis] === side);
  if (!fits) refuse(operator, argument, `a tensor ${shapeText(shape)}`, shapeText(tensor.shape));
  // Released tensors are told here, before anything crosses.
  void tensor.handle;
  return tensor;
}

export function expectWhole(operator: string, argument: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const end = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
    refuse(operator, argument, `a whole number from ${least}${end}`, value);
  }
  return value;
}

export function expectNumber(operator: string, argument: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    refuse(operator, argument, `a number from ${least} to ${most}`, value);
  }
  return value;
}

export function expectOneOf<Choice extends string>(
  operator: string,
  argument: string,
  value: Choice,
  choices: readonly Choice[],
): Choice {
  if (!choices.includes(value)) refuse(operator, argument, `one of ${choices.join(', ')}`, value);
  return value;
}
