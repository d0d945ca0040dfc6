/**
 * The tensors of a PyTorch checkpoint, by name, each checked against the archive's entry that holds its numbers. Executes
 * nothing and reads no numbers.
 */
import { WeftError } from '../../errors.ts';
import { badCheckpoint, unsafeCheckpoint } from './convert-error.ts';
import { PickleDict, type PickleStorage, PickleTensor, type PickleValue, type StorageDtype } from './pickle-values.ts';
import { readPickle } from './read-pickle.ts';
import { type OpenFile, readBytes, type ZipEntry } from './zip-directory.ts';

/** A tensor and where its numbers lie. */
export interface TorchTensor {
  readonly name: string;
  readonly dtype: StorageDtype;
  readonly shape: readonly number[];
  /** In numbers, as offset. */
  readonly strides: readonly number[];
  readonly offset: number;
  /** Where the storage begins in the file. */
  readonly start: number;
  /** Numbers of the tensor. */
  readonly count: number;
  /** Numbers of the storage from the tensor's first to its last. */
  readonly span: number;
}

const LARGEST_PICKLE = 64 * 2 ** 20;
const LONGEST_NAME = 1000;
/** Views that repeat numbers may take this many times the file's size, and no more. */
const LARGEST_GROWTH = 16;

/**
 * @param entries those of the archive, by name
 * @param key the entry that holds the tensors, where the checkpoint holds other things too
 * Rejects with `input/bad-file`, `model/unsafe-checkpoint`, `usage/bad-argument` for a key that is not there or missing.
 */
export async function readTorchCheckpoint(
  file: OpenFile,
  entries: ReadonlyMap<string, ZipEntry>,
  key: string | undefined,
): Promise<readonly TorchTensor[]> {
  const fail = (reason: string) => badCheckpoint(file.path, reason);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) throw fail(`it has ${pickles.length} entries "data.pkl", not one`);
  const folder = pickle.slice(0, -'data.pkl'.length);
  await checkByteOrder(file, entries.get(`${folder}byteorder`));
  const { start, size } = entries.get(pickle)!;
  if (size > LARGEST_PICKLE) throw fail(`its pickle of ${size} bytes is too large`);
  const root = readPickle(await readBytes(file, start, size), {
    unsafe: (reason) => unsafeCheckpoint(file.path, reason),
    broken: fail,
  });
  const tensors = [...pickTensors(root, key, file.path)].map(([name, tensor]) =>
    locate(file, name, tensor, entries.get(`${folder}data/${tensor.storage.key}`)),
  );
  const bytes = tensors.reduce((sum, { count, dtype }) => sum + count * dtype.bytes, 0);
  if (bytes > LARGEST_GROWTH * file.size) throw fail(`its tensors would take ${bytes} bytes`);
  return tensors;
}

async function checkByteOrder(file: OpenFile, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined) return;
  const order = (await readBytes(file, entry.start, Math.min(entry.size, 16))).toString('latin1');
  if (order !== 'little') throw badCheckpoint(file.path, `its byte order is "${order}", not "little"`);
}

function pickTensors(root: PickleValue, key: string | undefined, path: string): ReadonlyMap<string, PickleTensor> {
  if (!(root instanceof PickleDict)) throw badCheckpoint(path, 'it is no dictionary of tensors');
  const dicts = [...root.entries].flatMap(([name, value]) =>
    value instanceof PickleDict && tensorsOf(value).size > 0 ? [[String(name), value] as const] : [],
  );
  const choices = dicts.map(([name]) => name.slice(0, 100)).join(', ') || 'none';
  if (key !== undefined) {
    const chosen = dicts.find(([name]) => name === key)?.[1];
    if (chosen !== undefined) return tensorsOf(chosen);
    throw new WeftError('usage/bad-argument', {
      expected: `one of the checkpoint's entries with tensors (${choices}) for --key`,
      received: `"${key}"`,
      command: 'models convert',
    });
  }
  const direct = tensorsOf(root);
  if (direct.size > 0) return direct;
  const [only] = dicts;
  if (only === undefined) throw badCheckpoint(path, 'it holds no tensors by name');
  if (dicts.length === 1) return tensorsOf(only[1]);
  const expected = `--key with one of the checkpoint's entries with tensors (${choices})`;
  throw new WeftError('usage/bad-argument', { expected, received: 'none', command: 'models convert' });
}

function tensorsOf({ entries }: PickleDict): ReadonlyMap<string, PickleTensor> {
  const found = new Map<string, PickleTensor>();
  for (const [name, value] of entries) if (value instanceof PickleTensor) found.set(String(name), value);
  return found;
}

function locate(file: OpenFile, name: string, tensor: PickleTensor, entry: ZipEntry | undefined): TorchTensor {
  const { storage, shape, strides, offset } = tensor;
  const fail = (reason: string) => badCheckpoint(file.path, `its tensor "${name.slice(0, 100)}" ${reason}`);
  if (name.length === 0 || name.length > LONGEST_NAME || name === '__metadata__') throw fail('has no usable name');
  if (entry === undefined) throw fail(`lies in the entry "${storage.key.slice(0, 100)}", which is not there`);
  checkStorage(storage, entry, fail);
  const count = shape.reduce((product, side) => product * side, 1);
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, 0);
  const span = count === 0 ? 0 : last + 1;
  if (!Number.isSafeInteger(count) || offset + span > storage.count) throw fail('reaches beyond its storage');
  const place = count === 0 ? 0 : offset;
  return { name, dtype: storage.dtype, shape, strides, offset: place, start: entry.start, count, span };
}

function checkStorage({ count, dtype }: PickleStorage, { size }: ZipEntry, fail: (reason: string) => Error): void {
  if (count * dtype.bytes === size) return;
  throw fail(`has a storage of ${count} numbers of ${dtype.name}, but its entry has ${size} bytes`);
}
