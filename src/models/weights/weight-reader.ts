/**
 * What a family takes from a checkpoint, by name and expected shape. Collects everything that is wrong and tells it
 * at once in `finish`. Reads no weights, except small ones on request. Must not know families.
 */
import { WeftError } from '../../errors.ts';
import type { NativeWeightFile } from '../../native/weights.ts';
import type { FoundTensor, WeightFiles } from './weight-files.ts';
import { type ExpectedShape, fits, WeightLedger } from './weight-ledger.ts';

export type { ExpectedShape } from './weight-ledger.ts';

export type WeightDtype = 'F32' | 'F16' | 'BF16';

/** One tensor of a mapped file, as the stack builder takes it. */
export interface WeightRef {
  readonly file: NativeWeightFile;
  readonly name: string;
  readonly dtype: WeightDtype;
  readonly shape: readonly number[];
  /** From the start of the file, bytes. */
  readonly offset: number;
}

/** A name, or several that checkpoints give the same tensor: the first that is there is taken. */
export type WeightName = string | readonly string[];

const WEIGHT_DTYPES: readonly string[] = ['F32', 'F16', 'BF16'] satisfies WeightDtype[];
const FLOAT_DTYPES: readonly string[] = [...WEIGHT_DTYPES, 'F64'];

export class WeightReader {
  readonly #weights: WeightFiles;
  readonly #prefix: string;
  readonly #ledger: WeightLedger;

  /** @param weights stays open until `finish` at least; stacks that were built keep what they use */
  constructor(weights: WeightFiles, prefix = '', ledger = new WeightLedger()) {
    this.#weights = weights;
    this.#prefix = prefix;
    this.#ledger = ledger;
  }

  /**
   * A reader of the names that begin with `prefix`, which then leave it out; of several, the first that any tensor has
   * (`['bert.', '']`), else the first. Shares this reader's account: one `finish` tells all.
   */
  below(prefix: string | readonly string[]): WeightReader {
    const prefixes = listOf(prefix).map((one) => this.#prefix + one);
    const names = [...this.#weights.tensors.keys()];
    const chosen = prefixes.find((one) => names.some((name) => name.startsWith(one))) ?? prefixes[0] ?? this.#prefix;
    return new WeightReader(this.#weights, chosen, this.#ledger);
  }

  has(name: WeightName): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * One weight: F32, F16 or BF16. What does not fit is told by `finish`; until then its reference stands for what was
   * expected and must not be used. `optional`: undefined where it is missing, and that is no error.
   */
  take(name: WeightName, shape: ExpectedShape): WeightRef;
  take(name: WeightName, shape: ExpectedShape, options: { readonly optional?: boolean }): WeightRef | undefined;
  take(
    name: WeightName,
    shape: ExpectedShape,
    { optional = false }: { readonly optional?: boolean } = {},
  ): WeightRef | undefined {
    const found = this.#claim(name, shape, WEIGHT_DTYPES, optional);
    if (found === undefined && optional) return undefined;
    if (found === undefined) return this.#placeholder(name, shape);
    const { file, dtype, offset } = found;
    return { file, name: found.name, dtype: dtype as WeightDtype, shape: found.shape, offset };
  }

  /**
   * The numbers of a small tensor (a scale, a bias) as float32; also F64. What does not fit is told by `finish` and
   * gives zeros until then. `optional` as in `take`. Rejects with `input/bad-file`, `native/released`.
   */
  async floats(name: WeightName, shape: ExpectedShape): Promise<Float32Array>;
  async floats(
    name: WeightName,
    shape: ExpectedShape,
    options: { readonly optional?: boolean },
  ): Promise<Float32Array | undefined>;
  async floats(
    name: WeightName,
    shape: ExpectedShape,
    { optional = false }: { readonly optional?: boolean } = {},
  ): Promise<Float32Array | undefined> {
    const found = this.#claim(name, shape, FLOAT_DTYPES, optional);
    if (found !== undefined) return found.file.readFloats(found.name);
    return optional ? undefined : new Float32Array(shape.reduce<number>((count, size) => count * (size ?? 0), 1));
  }

  /**
   * Throws one `model/bad-weights` that lists what was missing, of wrong shape or dtype, and what nobody took below this
   * reader's prefix, except names (in full) that match `ignore`.
   */
  finish({ ignore = [] }: { readonly ignore?: readonly RegExp[] } = {}): void {
    const own = [...this.#weights.tensors.values()].filter(({ name }) => name.startsWith(this.#prefix));
    const reason = this.#ledger.complaint(own, ignore);
    if (reason === undefined) return;
    const { model, label } = this.#weights;
    throw new WeftError('model/bad-weights', { model, file: label, reason });
  }

  #find(name: WeightName): FoundTensor | undefined {
    for (const one of listOf(name)) {
      const found = this.#weights.tensors.get(this.#prefix + one);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The tensor when it fits; else accounts for what is wrong. */
  #claim(
    name: WeightName,
    shape: ExpectedShape,
    dtypes: readonly string[],
    optional: boolean,
  ): FoundTensor | undefined {
    const found = this.#find(name);
    if (found === undefined) {
      const names = listOf(name).map((one) => this.#prefix + one);
      if (!optional) this.#ledger.missing(names, shape);
      return undefined;
    }
    this.#ledger.took(found.name);
    if (!dtypes.includes(found.dtype)) this.#ledger.wrongDtype(found, dtypes);
    else if (!fits(found.shape, shape)) this.#ledger.wrongShape(found, shape);
    else return found;
    return undefined;
  }

  #placeholder(name: WeightName, shape: ExpectedShape): WeightRef {
    const [first = ''] = listOf(name);
    const sizes = shape.map((size) => size ?? 0);
    return { file: this.#weights.files[0]!, name: this.#prefix + first, dtype: 'F32', shape: sizes, offset: 0 };
  }
}

function listOf(name: WeightName): readonly string[] {
  return typeof name === 'string' ? [name] : name;
}
