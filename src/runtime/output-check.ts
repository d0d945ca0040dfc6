/** Whether a node gave what its descriptor promises: cheap checks only, never a look at every number. */
import { WeftError } from '../errors.ts';
import type { OutputSpecs } from '../protocol/node.ts';
import { formatSocketType, type SocketType } from '../protocol/socket.ts';
import { TENSOR_ARRAYS, type TensorValue, type Value } from '../protocol/value.ts';

/** The first broken promise, as `run/bad-output`, or undefined. */
export function checkOutputs(node: string, type: string, specs: OutputSpecs, outputs: unknown): WeftError | undefined {
  if (typeof outputs !== 'object' || outputs === null) {
    const details = {
      node,
      type,
      socket: Object.keys(specs).join(', '),
      expected: 'outputs',
      received: String(outputs),
    };
    return new WeftError('run/bad-output', details);
  }
  for (const socket in specs) {
    const value = (outputs as Record<string, Value | undefined>)[socket];
    const received = problemOf(specs[socket]!.type, value);
    if (received === undefined) continue;
    const expected = formatSocketType(specs[socket]!.type);
    return new WeftError('run/bad-output', { node, type, socket, expected, received });
  }
  return undefined;
}

/** What came instead, or undefined when the value is as promised. */
function problemOf(type: SocketType, value: Value | undefined): string | undefined {
  if (typeof value !== 'object' || value === null) return value === undefined ? 'nothing' : typeof value;
  if (type.kind !== 'Any' && value.kind !== type.kind) return String(value.kind);
  switch (value.kind) {
    case 'Image': {
      const bytes = value.width * value.height * 3;
      return value.data.length === bytes
        ? undefined
        : `${value.data.length} bytes for ${value.width} x ${value.height}`;
    }
    case 'Tensor':
      return tensorProblem(type, value);
    case 'Features': {
      const count = value.seq * value.dim;
      return value.data.length === count ? undefined : `${value.data.length} numbers for ${value.seq} x ${value.dim}`;
    }
    case 'Embedding': {
      if (!(value.data instanceof Float32Array) || value.data.length === 0)
        return 'an embedding without float32 numbers';
      const dim = type.kind === 'Embedding' ? type.dim : undefined;
      return typeof dim === 'number' && dim !== value.data.length ? `an embedding of ${value.data.length}` : undefined;
    }
    default:
      return undefined;
  }
}

function tensorProblem(type: SocketType, { dtype, shape, data }: TensorValue): string | undefined {
  if (!(data instanceof TENSOR_ARRAYS[dtype])) return `${dtype} data in a ${data?.constructor?.name ?? typeof data}`;
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (data.length !== count) return `${data.length} numbers for shape ${shape.join(' x ')}`;
  if (type.kind !== 'Tensor') return undefined;
  if (type.dtype !== undefined && type.dtype !== dtype) return `Tensor<${dtype}>`;
  const fits =
    type.shape === undefined ||
    (type.shape.length === shape.length &&
      type.shape.every((dim, index) => typeof dim !== 'number' || dim === shape[index]));
  return fits ? undefined : `shape ${shape.join(' x ')}`;
}
