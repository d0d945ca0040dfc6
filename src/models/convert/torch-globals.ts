/**
 * The names that a checkpoint may mention, and what they make of their arguments. Everything else is refused by name;
 * nothing is imported, called or executed.
 */
import {
  PickleDict,
  PickleGlobal,
  PickleStorage,
  PickleTensor,
  PickleTuple,
  type PickleValue,
  type StorageDtype,
} from './pickle-values.ts';

const STORAGES: ReadonlyMap<string, StorageDtype> = new Map([
  ['torch.DoubleStorage', { name: 'F64', bytes: 8 }],
  ['torch.FloatStorage', { name: 'F32', bytes: 4 }],
  ['torch.HalfStorage', { name: 'F16', bytes: 2 }],
  ['torch.BFloat16Storage', { name: 'BF16', bytes: 2 }],
  ['torch.LongStorage', { name: 'I64', bytes: 8 }],
  ['torch.IntStorage', { name: 'I32', bytes: 4 }],
  ['torch.ShortStorage', { name: 'I16', bytes: 2 }],
  ['torch.CharStorage', { name: 'I8', bytes: 1 }],
  ['torch.ByteStorage', { name: 'U8', bytes: 1 }],
  ['torch.BoolStorage', { name: 'BOOL', bytes: 1 }],
]);

/** Values that stand for themselves: precisions that configurations inside checkpoints name. */
const CONSTANTS: ReadonlySet<string> = new Set(
  ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'].map(
    (name) => `torch.${name}`,
  ),
);

type Make = (args: readonly PickleValue[]) => PickleValue | undefined;

/** Undefined for arguments that do not fit. */
const MAKERS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['collections.OrderedDict', orderedDict],
  ['torch._utils._rebuild_tensor_v2', ([storage, offset, shape, strides]) => tensor(storage, offset, shape, strides)],
  ['torch._utils._rebuild_parameter', ([data]) => (data instanceof PickleTensor ? data : undefined)],
  ['torch.Size', ([sizes]) => (sizes instanceof PickleTuple ? sizes : undefined)],
  ['torch.device', ([name]) => (typeof name === 'string' ? name : undefined)],
]);

export function isAllowed(name: string): boolean {
  return STORAGES.has(name) || CONSTANTS.has(name) || MAKERS.has(name);
}

/** What the allowed name makes of its arguments; undefined where they do not fit it. */
export function makeValue(global: PickleGlobal, args: PickleTuple): PickleValue | undefined {
  return MAKERS.get(global.name)?.(args.items);
}

/** ('storage', kind, key, place, count), as torch.save refers to numbers outside the pickle; undefined for anything else. */
export function storageOf(reference: PickleValue): PickleStorage | undefined {
  if (!(reference instanceof PickleTuple)) return undefined;
  const [tag, kind, key, , count] = reference.items;
  const dtype = kind instanceof PickleGlobal ? STORAGES.get(kind.name) : undefined;
  if (tag !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(count)) return undefined;
  return new PickleStorage(dtype, key, count);
}

function orderedDict([pairs]: readonly PickleValue[]): PickleValue | undefined {
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  if (!Array.isArray(pairs)) return undefined;
  for (const pair of pairs) {
    const items = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : [];
    if (items.length !== 2) return undefined;
    dict.set(items[0]!, items[1]!);
  }
  return dict;
}

function tensor(
  storage: PickleValue | undefined,
  offset: PickleValue | undefined,
  shape: PickleValue | undefined,
  strides: PickleValue | undefined,
): PickleTensor | undefined {
  const sizes = counts(shape);
  const steps = counts(strides);
  const fits = storage instanceof PickleStorage && isCount(offset) && sizes !== undefined && steps !== undefined;
  return fits && sizes.length === steps.length ? new PickleTensor(storage, offset, sizes, steps) : undefined;
}

/** PyTorch's own limit is 64. */
const MOST_AXES = 64;

function counts(value: PickleValue | undefined): readonly number[] | undefined {
  if (!(value instanceof PickleTuple) || value.items.length > MOST_AXES) return undefined;
  return value.items.every(isCount) ? (value.items as readonly number[]) : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
