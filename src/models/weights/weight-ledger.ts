/** Which tensors a family took and what did not fit, as lines for one error. Pure. */
import type { StoredTensor } from '../../native/weights.ts';

/** Sizes; `null` where any will do. */
export type ExpectedShape = readonly (number | null)[];

/** More lines than this are counted, not told. */
const MOST_LINES = 20;
const LONGEST_NAME = 120;

export class WeightLedger {
  readonly #taken = new Set<string>();
  readonly #lines: string[] = [];

  took(name: string): void {
    this.#taken.add(name);
  }

  missing(names: readonly string[], expected: ExpectedShape): void {
    this.#lines.push(`${names.map(quote).join(' or ')} is missing, expected ${shapeText(expected)}`);
  }

  wrongShape({ name, shape }: StoredTensor, expected: ExpectedShape): void {
    this.#lines.push(`${quote(name)} has shape ${shapeText(shape)}, expected ${shapeText(expected)}`);
  }

  wrongDtype({ name, dtype }: StoredTensor, expected: readonly string[]): void {
    this.#lines.push(`${quote(name)} has dtype ${dtype}, expected ${expected.join(', ')}`);
  }

  /**
   * What is wrong, in one clause, or undefined when nothing is. `stored` is everything there is: what was not taken and
   * matches none of `ignore` is wrong too.
   */
  complaint(stored: Iterable<StoredTensor>, ignore: readonly RegExp[]): string | undefined {
    const lines = [...this.#lines];
    for (const { name, shape } of stored) {
      if (this.#taken.has(name) || ignore.some((pattern) => pattern.test(name))) continue;
      lines.push(`${quote(name)} of shape ${shapeText(shape)} is unexpected`);
    }
    if (lines.length === 0) return undefined;
    const told = lines.slice(0, MOST_LINES);
    const rest = lines.length - told.length;
    const more = rest === 0 ? '' : `;\n  and ${rest} more`;
    return `${lines.length} ${lines.length === 1 ? 'tensor does' : 'tensors do'} not fit:\n  ${told.join(';\n  ')}${more}`;
  }
}

export function fits(shape: readonly number[], expected: ExpectedShape): boolean {
  return (
    shape.length === expected.length && shape.every((size, axis) => expected[axis] === null || expected[axis] === size)
  );
}

function shapeText(shape: ExpectedShape): string {
  return `[${shape.map((size) => size ?? 'any').join(' x ')}]`;
}

function quote(name: string): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
}
