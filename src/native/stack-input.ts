/**
 * Checks what a run of a stack is given and brings it into the addon's form. Pure.
 */
import { WeftError } from '../errors.ts';
import type { KvCache, KvTree } from './kv-cache.ts';
import type { NativeStackInput } from './loader.ts';
import type { Tensor } from './tensor.ts';

/** Whole numbers of any kind; those of tokenizers are plain arrays. */
export type Integers = BigInt64Array | Int32Array | readonly number[];

/** Exactly one of `ids`, `pixels`, `rows`, as the stack's embedding asks. */
export interface StackInput {
  /** [batch, length] row-major, `batch` says how many rows. */
  readonly ids?: Integers;
  /** Items in `ids`, 1 when left out. */
  readonly batch?: number;
  /** [batch, length]; counted on from the cache's length when left out. */
  readonly positions?: Integers;
  /** [batch, length]; zeros when left out. */
  readonly segments?: Integers;
  /** float32 [batch, channels, height, width]. */
  readonly pixels?: { readonly data: Float32Array; readonly shape: readonly number[] };
  /** [batch, length, width]. */
  readonly rows?: Tensor;
}

/** What a cross-attention reads: rows [batch, rows, width] and which of them are there. */
export interface StackMemory {
  readonly rows: Tensor;
  /** [batch, rows]: 1 is there, 0 is padding. */
  readonly mask?: Integers;
  /** Added to the scores of every cross-attention that reads it: [1 or batch, 1 or heads, length, rows]. */
  readonly bias?: Tensor;
}

export interface StackRunOptions {
  /**
   * [batch, cached + length]: 1 is seen, 0 is hidden from every query by the lowest float, as Hugging Face does. A
   * Float32Array is added to the scores as it is.
   */
  readonly mask?: Integers | Float32Array;
  /** Added to the scores, for all layers or one for each self-attention: [1 or batch, 1 or heads, length, keys]. */
  readonly bias?: Tensor | readonly Tensor[];
  /** Rows at the start that every row sees although the stack is causal. */
  readonly prefix?: number;
  /**
   * For cross-attention, by index. May be left out once a cache holds their keys, where they have no mask and no bias:
   * those belong to a run.
   */
  readonly memory?: readonly StackMemory[];
  /** [batch]: the row of each item that the head reads, where it reads chosen ones. */
  readonly headRows?: readonly number[];
  readonly cache?: KvCache;
  readonly tree?: KvTree;
  /** Hidden states to give back. */
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

export interface StackFacts {
  readonly width: number;
  readonly input: 'ids' | 'pixels' | 'rows';
  readonly channels: number;
  readonly patch: readonly [number, number];
  readonly leading: number;
  readonly layers: number;
  readonly selfAttentions: number;
  readonly memories: number;
  readonly head: boolean;
  readonly headRows: boolean;
}

/** What Hugging Face puts where a mask is 0: torch.finfo(float32).min. */
const LOWEST_FLOAT = -3.4028234663852886e38;

type Fail = (argument: string, expected: string, received: unknown) => never;

/** Throws `native/bad-argument`. */
export function checkRun(
  stack: string,
  facts: StackFacts,
  input: StackInput,
  options: StackRunOptions,
): Omit<NativeStackInput, 'wantHidden' | 'wantHead'> {
  const fail: Fail = (argument, expected, received) => {
    throw new WeftError('native/bad-argument', { operator: stack, argument, expected, received: String(received) });
  };
  const size = sizeOf(facts, input, fail);
  const { batch, length } = size;
  const held = options.tree ?? options.cache;
  if (options.tree !== undefined && options.cache !== undefined) fail('tree', 'a cache or a tree', 'both');
  if (held !== undefined && held.batch !== batch) fail('batch', `${held.batch}, as in the cache`, batch);
  const keys = (held?.length ?? 0) + length;
  const numbers = (name: string, values: Integers | undefined) =>
    values === undefined ? {} : { [name]: int64(name, values, batch * length, fail) };
  return {
    batch,
    length,
    ...(input.ids === undefined ? {} : numbers('ids', input.ids)),
    ...numbers('positions', input.positions),
    ...numbers('segments', input.segments),
    ...size.given,
    ...(options.mask === undefined ? {} : { keyBias: keyBias('mask', options.mask, batch * keys, fail) }),
    ...biasOf(facts, options.bias, batch, length, keys, fail),
    ...prefixOf(options.prefix, length, fail),
    ...memoriesOf(facts, options, batch, length, fail),
    ...headRowsOf(facts, options.headRows, batch, length, fail),
    ...(options.cache === undefined ? {} : { cache: options.cache.handle }),
    ...(options.tree === undefined ? {} : { tree: options.tree.handle }),
    hiddenStates: hiddenStates(facts, options.returnHidden ?? [], fail),
  };
}

function sizeOf(facts: StackFacts, input: StackInput, fail: Fail) {
  const given = (['ids', 'pixels', 'rows'] as const).filter((name) => input[name] !== undefined);
  if (given.join() !== facts.input) fail('input', facts.input, given.join(' and ') || 'none of ids, pixels, rows');
  if (input.pixels !== undefined) return pictureSize(facts, input.pixels, fail);
  if (input.rows !== undefined) {
    const { shape } = input.rows;
    if (shape.length !== 3 || shape[2] !== facts.width) {
      fail('rows', `[batch, length, ${facts.width}]`, `[${shape.join(', ')}]`);
    }
    return { batch: shape[0]!, length: shape[1]!, given: { rows: input.rows.handle } };
  }
  const { batch = 1 } = input;
  const count = input.ids!.length;
  if (!Number.isSafeInteger(batch) || batch < 1) fail('batch', 'a whole number from 1', batch);
  if (count === 0 || count % batch !== 0) fail('ids', `${batch} rows of one length`, `${count} ids`);
  return { batch, length: count / batch, given: {} };
}

function pictureSize(facts: StackFacts, { data, shape }: NonNullable<StackInput['pixels']>, fail: Fail) {
  const [batch = 0, channels = 0, height = 0, width = 0] = shape;
  const whole = shape.length === 4 && shape.every((side) => Number.isSafeInteger(side) && side > 0);
  const rows = Math.floor(height / facts.patch[0]);
  const columns = Math.floor(width / facts.patch[1]);
  if (!whole || channels !== facts.channels || rows < 1 || columns < 1) {
    const least = `[batch, ${facts.channels}, at least ${facts.patch[0]}, at least ${facts.patch[1]}]`;
    fail('pixels', least, `[${shape.join(', ')}]`);
  }
  const count = batch * channels * height * width;
  if (!(data instanceof Float32Array) || data.length !== count) {
    fail('pixels', `a Float32Array of ${count}`, data instanceof Float32Array ? data.length : typeof data);
  }
  const length = facts.leading + rows * columns;
  return { batch, length, given: { pixels: data, pictureHeight: height, pictureWidth: width } };
}

function int64(name: string, values: Integers, count: number, fail: Fail): BigInt64Array {
  if (values.length !== count) fail(name, `${count} numbers`, values.length);
  if (values instanceof BigInt64Array) return values;
  const numbers = new BigInt64Array(count);
  for (let index = 0; index < count; index += 1) {
    const value = values[index]!;
    if (!Number.isSafeInteger(value)) fail(name, 'whole numbers', value);
    numbers[index] = BigInt(value);
  }
  return numbers;
}

function keyBias(name: string, mask: Integers | Float32Array, count: number, fail: Fail): Float32Array {
  if (mask.length !== count) fail(name, `${count} numbers`, mask.length);
  if (mask instanceof Float32Array) return mask;
  return Float32Array.from(mask as ArrayLike<number | bigint>, (seen) => (Number(seen) === 0 ? LOWEST_FLOAT : 0));
}

function biasOf(
  facts: StackFacts,
  bias: StackRunOptions['bias'],
  batch: number,
  length: number,
  keys: number,
  fail: Fail,
): Pick<NativeStackInput, 'bias'> {
  if (bias === undefined) return {};
  const list = 'shape' in bias ? [bias as Tensor] : (bias as readonly Tensor[]);
  if (list.length !== 1 && list.length !== facts.selfAttentions) {
    fail('bias', `1 or ${facts.selfAttentions} tensors`, list.length);
  }
  for (const tensor of list) checkBias('bias', tensor, batch, length, keys, fail);
  return { bias: list.map(({ handle }) => handle) };
}

/** The heads are checked by the addon, which knows them. */
function checkBias(name: string, { shape }: Tensor, batch: number, length: number, keys: number, fail: Fail): void {
  const fits = shape.length === 4 && (shape[0] === 1 || shape[0] === batch) && shape[2] === length && shape[3] === keys;
  if (!fits) fail(name, `[1 or ${batch}, 1 or heads, ${length}, ${keys}]`, `[${shape.join(', ')}]`);
}

function prefixOf(prefix: number | undefined, length: number, fail: Fail): Pick<NativeStackInput, 'prefix'> {
  if (prefix === undefined) return {};
  if (!Number.isSafeInteger(prefix) || prefix < 0) fail('prefix', `a whole number from 0 to ${length}`, prefix);
  return { prefix };
}

function memoriesOf(
  facts: StackFacts,
  { memory = [], cache }: StackRunOptions,
  batch: number,
  length: number,
  fail: Fail,
): Pick<NativeStackInput, 'memories'> {
  const kept = cache !== undefined && cache.length > 0 && memory.length === 0;
  if (!kept && memory.length !== facts.memories) fail('memory', `${facts.memories} memories`, memory.length);
  if (memory.length === 0) return {};
  return {
    memories: memory.map(({ rows, mask, bias }, index) => {
      const name = `memory[${index}]`;
      if (rows.shape.length !== 3 || rows.shape[0] !== batch) {
        fail(name, `[${batch}, rows, width]`, `[${rows.shape.join(', ')}]`);
      }
      const keys = rows.shape[1]!;
      if (bias !== undefined) checkBias(`${name}.bias`, bias, batch, length, keys, fail);
      return {
        rows: rows.handle,
        ...(mask === undefined ? {} : { keyBias: keyBias(`${name}.mask`, mask, batch * keys, fail) }),
        ...(bias === undefined ? {} : { bias: bias.handle }),
      };
    }),
  };
}

function headRowsOf(
  facts: StackFacts,
  rows: readonly number[] | undefined,
  batch: number,
  length: number,
  fail: Fail,
): Pick<NativeStackInput, 'headRows'> {
  if (!facts.headRows) return {};
  if (rows?.length !== batch || !rows.every((row) => Number.isSafeInteger(row) && row >= 0 && row < length)) {
    return fail('headRows', `${batch} row numbers from 0 to ${length - 1}`, rows === undefined ? 'none' : `[${rows}]`);
  }
  return { headRows: Uint32Array.from(rows) };
}

function hiddenStates(facts: StackFacts, wanted: readonly number[], fail: Fail): number[] {
  for (const state of wanted) {
    if (!Number.isSafeInteger(state) || state < 0 || state > facts.layers) {
      fail('returnHidden', `numbers from 0 to ${facts.layers}`, state);
    }
  }
  return [...wanted];
}
