/** Fixture checkpoints on both backends, and whether their answers are the same. */
import { expect } from 'vitest';
import type { OnnxPool } from '../../../src/models/onnx/pool.ts';
import type { OnnxDtype } from '../../../src/models/onnx/variant.ts';
import { type OpenedFamily, openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { toOnnxFolder } from './onnx-folder.ts';
import { taskFolder } from './task-folder.ts';

export const WORDS = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[MASK]': 4, red: 10, blue: 11, circle: 12, '[SEP]': 29 };
export const square = (type: string, side: number) => ({
  image_processor_type: type,
  size: { height: side, width: side },
});

export interface BackendCase {
  readonly fixture: string;
  readonly processor?: Readonly<Record<string, unknown>>;
  readonly words?: Readonly<Record<string, number>>;
  readonly run: (tasks: Required<Tasks>) => Promise<unknown>;
}

export interface BackendOptions {
  readonly pool: OnnxPool;
  /** Which of the fixture's networks are there. */
  readonly only?: (name: string) => boolean;
  readonly dtype?: OnnxDtype;
}

/** What both backends answer on the same weights. */
export async function bothBackends(
  { fixture, processor, words = WORDS, run }: BackendCase,
  { pool, only, dtype }: BackendOptions,
): Promise<readonly [native: unknown, onnx: unknown]> {
  const folder = await taskFolder(fixture, { words, ...(processor === undefined ? {} : { processor }) });
  const model = `test/${fixture}`;
  const answer = async ({ loaded }: OpenedFamily) => {
    expect(loaded.bytes).toBeGreaterThan(1000);
    const answered = await run(loaded.tasks as Required<Tasks>);
    loaded.release();
    return answered;
  };
  const native = await openFamily(folder, { model });
  expect(native.onnx).toBeUndefined();
  // Without safetensors its ONNX files are taken unasked.
  const onnx = await openFamily(await toOnnxFolder(folder, only), { model, pool, ...(dtype && { dtype }) });
  expect(onnx.onnx).toBeDefined();
  expect(Object.keys(onnx.loaded.tasks)).toEqual(expect.arrayContaining([...onnx.tasks]));
  return [await answer(native), await answer(onnx)];
}

/** All numbers of an answer, and what remains when they are taken out. */
function numbersOf(answer: unknown): { numbers: number[]; rest: string } {
  const numbers: number[] = [];
  const rest = JSON.stringify(answer, (_, value: unknown) => {
    if (value instanceof Float32Array || value instanceof Uint8Array) {
      for (const one of value) numbers.push(one);
      return value.length;
    }
    if (typeof value !== 'number' || Number.isInteger(value)) return value;
    numbers.push(value);
    return 'number';
  });
  return { numbers, rest };
}

export function expectSame([native, onnx]: readonly unknown[]): void {
  const [one, other] = [numbersOf(native), numbersOf(onnx)];
  expect(other.rest).toBe(one.rest);
  expect(other.numbers.length).toBe(one.numbers.length);
  expect(one.numbers.length).toBeGreaterThan(0);
  const apart = one.numbers.map(
    (value, index) => Math.abs(value - other.numbers[index]!) / Math.max(1, Math.abs(value)),
  );
  expect(Math.max(...apart)).toBeLessThan(1e-4);
}
