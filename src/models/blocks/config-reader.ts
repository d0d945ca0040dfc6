/**
 * Options of a config.json, by key: checked, with transformers' defaults where the file leaves one out. As there, null
 * counts as left out. Must not know families.
 */
import { WeftError } from '../../errors.ts';
import { isObject, type JsonObject } from '../read-json.ts';

export interface ConfigPlace {
  /** How errors name the model. */
  readonly model: string;
  readonly file?: string;
  /** Where in the file `content` lies: `vision_config.`; empty for the whole file. */
  readonly path?: string;
}

export class ConfigReader {
  readonly model: string;
  readonly #content: JsonObject;
  readonly #file: string;
  readonly #path: string;

  constructor(content: JsonObject, { model, file = 'config.json', path = '' }: ConfigPlace) {
    this.model = model;
    this.#content = content;
    this.#file = file;
    this.#path = path;
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  /** A whole number from 1. Throws `model/bad-config`, as all readers here; without a default it must be given. */
  count(key: string, absent?: number): number {
    return this.#read(key, absent, 'a whole number from 1', (value): value is number => isCount(value) && value > 0);
  }

  /** A whole number from 0: an id, an index. */
  id(key: string, absent?: number): number {
    return this.#read(key, absent, 'a whole number from 0', isCount);
  }

  /** One id or several, as `eos_token_id` may be; none where left out. */
  ids(key: string): readonly number[] {
    const value = this.#value(key);
    if (value === undefined) return [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.every(isCount) ? list : this.bad(key, 'whole numbers from 0', value);
  }

  /** One whole number of either sign, or several. */
  integers(key: string, absent: readonly number[]): readonly number[] {
    const value = this.#value(key) ?? absent;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isWhole = (one: unknown): one is number => Number.isSafeInteger(one);
    return list.every(isWhole) ? list : this.bad(key, 'whole numbers', value);
  }

  number(key: string, absent?: number): number {
    return this.#read(key, absent, 'a number', (value): value is number => Number.isFinite(value));
  }

  /** One number or several; those of `absent` where left out. */
  numbers(key: string, absent: readonly number[]): readonly number[] {
    const value = this.#value(key) ?? absent;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isNumbers = (all: readonly unknown[]): all is readonly number[] => all.every(Number.isFinite);
    return isNumbers(list) && list.length > 0 ? list : this.bad(key, 'numbers', value);
  }

  flag(key: string, absent: boolean): boolean {
    return this.#read(key, absent, 'true or false', (value) => typeof value === 'boolean');
  }

  text(key: string, absent?: string): string {
    return this.#read(key, absent, 'a text', (value) => typeof value === 'string');
  }

  texts(key: string): readonly string[] {
    const isTexts = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.#read(key, [], 'a list of texts', isTexts);
  }

  /** One of a few values. */
  oneOf<Value extends string | boolean>(key: string, values: readonly Value[]): Value {
    const isKnown = (value: unknown): value is Value => values.includes(value as Value);
    return this.#read(key, undefined, values.map((value) => JSON.stringify(value)).join(', '), isKnown);
  }

  /** Height and width: one whole number for both, or a pair. */
  size(key: string, absent?: number): readonly [number, number] {
    const value = this.#value(key) ?? absent;
    const isSide = (side: unknown): side is number => isCount(side) && side > 0;
    if (isSide(value)) return [value, value];
    const [height, width, ...rest] = Array.isArray(value) ? (value as unknown[]) : [];
    if (isSide(height) && isSide(width) && rest.length === 0) return [height, width];
    return this.bad(key, 'a whole number from 1, or two', value);
  }

  /** How many entries the object has; undefined where left out. */
  entries(key: string): number | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    return isObject(value) ? Object.keys(value).length : this.bad(key, 'an object', value);
  }

  /** The object at a key; an empty one where left out, whose options are then all defaults. */
  section(key: string): ConfigReader {
    const value = this.#value(key) ?? {};
    if (!isObject(value)) return this.bad(key, 'an object', value);
    return new ConfigReader(value, { model: this.model, file: this.#file, path: `${this.#path}${key}.` });
  }

  /** The same options, one of them under the key that families share, where a family has a key of its own for it. */
  renamed(own: string, shared: string): ConfigReader {
    const content = this.has(own) ? { ...this.#content, [shared]: this.#content[own] } : this.#content;
    return new ConfigReader(content, { model: this.model, file: this.#file, path: this.#path });
  }

  /** Refuses every value but one, for an option that nothing here carries out. Throws `model/unsupported`. */
  only(key: string, supported: string | number | boolean): void {
    const value = this.#value(key) ?? supported;
    if (value !== supported) this.unsupported(key, JSON.stringify(supported), value);
  }

  /** Refuses every value, as `only` does. */
  none(key: string): void {
    if (this.has(key)) this.unsupported(key, 'nothing', this.#value(key));
  }

  bad(key: string, expected: string, received: unknown): never {
    throw new WeftError('model/bad-config', {
      model: this.model,
      file: this.#file,
      expected: `${expected} for "${this.#path}${key}"`,
      received: shown(received),
    });
  }

  unsupported(key: string, expected: string, received: unknown): never {
    const expectation = `${expected} for "${this.#path}${key}" of ${this.#file}`;
    throw new WeftError('model/unsupported', { model: this.model, expected: expectation, received: shown(received) });
  }

  #value(key: string): unknown {
    return Object.hasOwn(this.#content, key) ? (this.#content[key] ?? undefined) : undefined;
  }

  #read<Value>(
    key: string,
    absent: Value | undefined,
    expected: string,
    fits: (value: unknown) => value is Value,
  ): Value {
    const value = this.#value(key) ?? absent;
    return fits(value) ? value : this.bad(key, expected, value);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}
