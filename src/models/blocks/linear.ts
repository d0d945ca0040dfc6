/** Matrices, norms and their biases by name: what a checkpoint calls them becomes the parts of a StackSpec. */
import type { LinearSpec, NormSpec, WeightSource } from '../../native/stack-spec.ts';
import type { WeightName, WeightReader } from '../weights/weight-reader.ts';

export interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  /** Left out: it has one. Of several matrices, each may say for itself. */
  readonly bias?: boolean | readonly boolean[];
  /** The file holds [inputs, outputs], as GPT-2's Conv1D does. */
  readonly inputsFirst?: boolean;
}

/** NAME.weight and NAME.bias. */
export function linear(weights: WeightReader, name: WeightName, shape: LinearShape): LinearSpec {
  return stackedLinear(weights, [name], shape);
}

/** Matrices of one shape that read the same rows (queries, keys, values), as one product. */
export function stackedLinear(
  weights: WeightReader,
  names: readonly WeightName[],
  { inputs, outputs, bias = true, inputsFirst = false }: LinearShape,
): LinearSpec {
  const sides = inputsFirst ? [inputs, outputs] : [outputs, inputs];
  const biased = names.map((_, index) => (typeof bias === 'boolean' ? bias : bias[index] === true));
  const biases = names.map((name, index) =>
    biased[index] ? weights.take(suffixed(name, '.bias'), [outputs]) : undefined,
  );
  return {
    weight: names.map((name) => weights.take(suffixed(name, '.weight'), sides)),
    ...(biased.includes(true) ? { bias: biases } : {}),
    ...(inputsFirst ? { inputsFirst } : {}),
  };
}

/**
 * `count` rows of a weight's first axis, from `start` on, where several matrices are stored as one (`in_proj_weight`) or
 * several biases. Nothing is copied; building the stack refuses rows that the tensor does not have.
 */
export function rowsOf(weight: WeightSource, start: number, count: number): WeightSource {
  const shape = [count, ...weight.shape.slice(1)];
  if ('file' in weight) return { ...weight, shape, rows: [(weight.rows?.[0] ?? 0) + start, count] };
  const width = weight.shape.slice(1).reduce((product, side) => product * side, 1);
  return { ...weight, shape, data: weight.data.subarray(start * width, (start + count) * width) };
}

/** The names of TensorFlow's days (`LayerNorm.gamma`) still stand in the files of well-known checkpoints. */
export function layerNorm(weights: WeightReader, name: WeightName, width: number, epsilon: number): NormSpec {
  return {
    weight: weights.take(suffixed(name, '.weight', '.gamma'), [width]),
    bias: weights.take(suffixed(name, '.bias', '.beta'), [width]),
    epsilon,
  };
}

/** PyTorch's MultiheadAttention joins the name of its fused matrix by an underscore: `attn.in_proj_weight`. */
function suffixed(name: WeightName, ...suffixes: readonly string[]): readonly string[] {
  const names = typeof name === 'string' ? [name] : name;
  return suffixes.flatMap((suffix) =>
    names.map((one) => one + (one.endsWith('.in_proj') ? suffix.replace('.', '_') : suffix)),
  );
}
