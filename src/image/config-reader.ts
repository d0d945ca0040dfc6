/** Typed reading of a preprocessor configuration; whatever is wrong becomes `model/bad-config` and names the option. */
import { WeftError } from '../errors.ts';
import type { ResizeFilter } from '../native/image.ts';
import type { Size } from './processor.ts';
import type { SizeOption } from './processor-classes.ts';
import type { TargetSize } from './target-size.ts';
import type { PerChannel } from './value-mapping.ts';

export interface ConfigOrigin {
  /** The model that messages name. */
  readonly model: string;
  /** preprocessor_config.json by default. */
  readonly file?: string | undefined;
  /** `model_type` of config.json: which class, where the configuration does not say. */
  readonly modelType?: string | undefined;
}

/** Pillow's numbers. */
const FILTERS: readonly ResizeFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

export class ConfigReader {
  readonly #config: Readonly<Record<string, unknown>>;
  readonly #origin: ConfigOrigin;

  constructor(config: Readonly<Record<string, unknown>>, origin: ConfigOrigin) {
    this.#config = config;
    this.#origin = origin;
  }

  names(): string[] {
    return Object.keys(this.#config);
  }

  /** The value of an option; null counts as not given, as in transformers. */
  value(name: string): unknown {
    return this.#config[name] ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    return value === undefined || typeof value === 'string' ? value : this.fail(`"${name}" as text`, value);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.value(name) ?? otherwise;
    return typeof value === 'boolean' ? value : this.fail(`"${name}" to be true or false`, value);
  }

  number(name: string, otherwise: number): number {
    const value = this.value(name) ?? otherwise;
    return isFiniteNumber(value) ? value : this.fail(`"${name}" to be a number`, value);
  }

  /** A whole number above zero. */
  count(name: string, otherwise: number): number {
    const value = this.number(name, otherwise);
    return isCount(value) ? value : this.fail(`"${name}" to be a whole number above 0`, value);
  }

  /** Mean or deviation; a deviation may not be 0. */
  perChannel(name: string, otherwise: PerChannel, isDivisor: boolean): PerChannel {
    const value = this.value(name) ?? otherwise;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const valid = values.length >= 1 && values.length <= 4 && values.every(isFiniteNumber);
    if (!valid) this.fail(`"${name}" to be a number or a list of them, one per channel`, value);
    if (isDivisor && values.some((part) => Math.fround(part as number) === 0)) {
      this.fail(`"${name}" without zeros`, value);
    }
    return value as PerChannel;
  }

  filter(name: string, otherwise: ResizeFilter): ResizeFilter {
    const value = this.value(name);
    if (value === undefined) return otherwise;
    const filter = typeof value === 'number' ? FILTERS[value] : FILTERS.find((known) => known === value);
    const known = FILTERS.map((known, number) => `${number} (${known})`).join(', ');
    return filter ?? this.fail(`"${name}" to be one of ${known}`, value);
  }

  /** `square`: what a bare number means. `widthFirst`: the order of a list. */
  target(name: string, otherwise: SizeOption, order: { square: boolean; widthFirst?: boolean }): TargetSize {
    const value = this.#sizeFields(name, otherwise, order);
    const { height, width, shortest_edge: edge, longest_edge: longest } = value;
    if (height !== undefined && width !== undefined) return { kind: 'exact', width, height };
    if (edge !== undefined && longest !== undefined) return { kind: 'shortest-edge', edge, longest };
    if (edge !== undefined) return { kind: 'shortest-edge', edge };
    const { max_height: maxHeight, max_width: maxWidth } = value;
    if (maxHeight !== undefined && maxWidth !== undefined) {
      return { kind: 'within', width: maxWidth, height: maxHeight };
    }
    const expected = `"${name}" with height and width, shortest_edge, or max_height and max_width`;
    return this.fail(expected, this.value(name));
  }

  /** A size in full: height and width, a bare number for a square, or (BridgeTower) the shortest edge for a square. */
  size(name: string, otherwise: SizeOption, widthFirst = false): Size {
    const target = this.target(name, otherwise, { square: true, widthFirst });
    if (target.kind === 'exact') return { width: target.width, height: target.height };
    if (target.kind === 'shortest-edge' && target.longest === undefined) {
      return { width: target.edge, height: target.edge };
    }
    return this.fail(`"${name}" with height and width`, this.value(name));
  }

  fail(expected: string, received: unknown): never {
    throw new WeftError('model/bad-config', {
      expected,
      file: this.#origin.file ?? 'preprocessor_config.json',
      model: this.#origin.model,
      received: received === undefined ? 'nothing' : JSON.stringify(received),
    });
  }

  #sizeFields(
    name: string,
    otherwise: SizeOption,
    { square, widthFirst = false }: { square: boolean; widthFirst?: boolean },
  ): Record<string, number | undefined> {
    const given = this.value(name);
    const value = given ?? otherwise;
    if (isCount(value)) return square ? { height: value, width: value } : { shortest_edge: value };
    if (Array.isArray(value)) {
      if (value.length !== 2 || !value.every(isCount)) this.fail(`"${name}" as a list of two sides`, value);
      const [first, second] = value as [number, number];
      // Only configurations write width first; defaults are height, width.
      return widthFirst && given !== undefined ? { height: second, width: first } : { height: first, width: second };
    }
    if (typeof value !== 'object') this.fail(`"${name}" to be a whole number above 0 or a dictionary`, value);
    const fields = Object.entries(value as object).filter(([, side]) => side !== null);
    if (!fields.every(([, side]) => isCount(side))) this.fail(`"${name}" with whole numbers above 0`, value);
    return Object.fromEntries(fields) as Record<string, number>;
  }
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
