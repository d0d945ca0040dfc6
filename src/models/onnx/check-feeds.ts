/**
 * Compares what a caller feeds with what a session expects, before anything crosses to its thread.
 * Pure; ONNX Runtime's own messages come too late and name neither socket nor remedy.
 */
import { WeftError } from '../../errors.ts';
import type { Dim } from '../../protocol/socket.ts';
import { TENSOR_ARRAYS, type TensorValue } from '../../protocol/value.ts';
import type { OnnxPort, WireFeed } from './message.ts';

export type Feed = Pick<TensorValue, 'dtype' | 'shape' | 'data'> & Pick<WireFeed, 'rows'>;

/** The feeds in the order of the inputs. Throws `model/bad-input`, naming the input, what it takes and what came. */
export function checkFeeds(
  model: string,
  inputs: readonly OnnxPort[],
  feeds: Readonly<Record<string, Feed>>,
): WireFeed[] {
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((input) => input.name === name)) {
      const expected = `only ${inputs.map((input) => `"${input.name}"`).join(', ')}, nothing`;
      throw new WeftError('model/bad-input', { model, input: name, expected, received: 'a tensor' });
    }
  }
  return inputs.map((input) => {
    const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
    const problem = feed === undefined ? 'none' : mismatch(input, feed);
    if (feed === undefined || problem !== undefined) {
      const expected = `${input.dtype} [${describe(input.shape)}]`;
      throw new WeftError('model/bad-input', { model, input: input.name, expected, received: problem });
    }
    const { dtype, shape, data, rows } = feed;
    return { name: input.name, dtype, shape, data, ...(rows === undefined ? {} : { rows }) };
  });
}

/** A shape as people read it: `n x 3 x 224 x 224`, `?` for a size without a name. */
export function describe(shape: readonly Dim[]): string {
  return shape.map((dim) => dim ?? '?').join(' x ');
}

function mismatch({ dtype, shape }: OnnxPort, feed: Feed): string | undefined {
  const received = `${feed.dtype} [${describe(feed.shape)}]`;
  // The thread rounds float32 for an input of float16.
  const fits = feed.dtype === dtype || (feed.dtype === 'float32' && dtype === 'float16');
  if (!fits || feed.shape.length !== shape.length) return received;
  const [length = 0, ...rest] = feed.shape;
  const sizes = [feed.rows?.length ?? length, ...rest];
  if (shape.some((dim, axis) => typeof dim === 'number' && dim !== sizes[axis])) return received;
  if (feed.rows?.some((row) => !Number.isSafeInteger(row) || row < 0 || row >= length))
    return `${received}, and rows that it does not have`;
  if (!feed.shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return received;
  const count = feed.shape.reduce((product, size) => product * size, 1);
  if (!(feed.data instanceof TENSOR_ARRAYS[feed.dtype]) || feed.data.length !== count) {
    return `${received} with ${feed.data.length} numbers in a ${feed.data.constructor.name}`;
  }
  return undefined;
}
