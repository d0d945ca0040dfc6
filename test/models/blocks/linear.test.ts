/** Rows of a weight that a checkpoint stores as one with others: the numbers, cuts of cuts, cuts that are not there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../../src/models/blocks/linear.ts';
import { Stack } from '../../../src/native/stack.ts';
import type { StackSpec, WeightSource } from '../../../src/native/stack-spec.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { numbersFrom } from '../../native/random-numbers.ts';
import { f32, storeTensors, type TensorToStore, words } from '../../native/safetensors-bytes.ts';

const base = mkdtempSync(join(tmpdir(), 'weft-stored-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const random = numbersFrom(3);

async function store(tensors: Readonly<Record<string, TensorToStore>>): Promise<NativeWeightFile> {
  const path = join(mkdtempSync(join(base, 'model-')), 'model.safetensors');
  writeFileSync(path, storeTensors(tensors));
  return await NativeWeightFile.open(path);
}

const stored = (file: NativeWeightFile, name: string): WeightSource => ({
  file,
  name,
  shape: file.tensors.get(name)!.shape,
});

describe('rowsOf', () => {
  const [WIDTH, INNER] = [24, 40];
  const data = { both: random(2 * INNER * WIDTH), biases: random(2 * INNER), down: random(WIDTH * INNER) };
  const rows = () =>
    Tensor.from(
      Float32Array.from({ length: 3 * WIDTH }, (_, at) => Math.cos(at)),
      [1, 3, WIDTH],
    );
  const tensors = {
    both: f32([2 * INNER, WIDTH], [...data.both]),
    biases: f32([2 * INNER], [...data.biases]),
    down: f32([WIDTH, INNER], [...data.down]),
  };

  /** A gated feed-forward whose gate and up are halves of `both`. */
  function specOf(both: WeightSource, biases: WeightSource, down: WeightSource): StackSpec {
    const half = (start: number) => ({ weight: rowsOf(both, start, INNER), bias: rowsOf(biases, start, INNER) });
    const feedForward = { gate: half(0), up: half(INNER), down: { weight: down }, activation: 'silu' as const };
    return { name: 'gated', width: WIDTH, layers: [[{ feedForward }]] };
  }

  async function run(spec: StackSpec): Promise<Float32Array> {
    using stack = await Stack.build(spec);
    return (await stack.run({ rows: rows() })).hidden!.toFloats();
  }

  it('cuts stored weights as it cuts arrays', async () => {
    const file = await store(tensors);
    const [both, biases, down] = (['both', 'biases', 'down'] as const).map((name) => stored(file, name));
    const array = (name: keyof typeof data): WeightSource => ({ data: data[name], shape: tensors[name].shape });
    const ours = await run(specOf(both!, biases!, down!));
    expect(ours).toEqual(await run(specOf(array('both'), array('biases'), array('down'))));
    // The formula, at one place.
    const x = rows().toFloats();
    const dot = (row: number) =>
      data.biases[row]! + data.both.subarray(row * WIDTH, (row + 1) * WIDTH).reduce((sum, w, i) => sum + w * x[i]!, 0);
    const inner = Array.from({ length: INNER }, (_, at) => {
      const gate = dot(at);
      return (gate / (1 + Math.exp(-gate))) * dot(INNER + at);
    });
    const expected = x[0]! + inner.reduce((sum, value, at) => sum + value * data.down[at]!, 0);
    expect(ours[0]).toBeCloseTo(expected, 4);
  });

  it('cuts what was cut', async () => {
    const file = await store(tensors);
    const whole = rowsOf(stored(file, 'both'), 10, 60);
    const part = rowsOf(whole, 5, 40);
    expect(part).toMatchObject({ rows: [15, 40], shape: [40, WIDTH] });
    const table = (tokens: WeightSource): StackSpec => ({
      name: 'table',
      width: WIDTH,
      tokens: { tokens },
      layers: [],
    });
    using stack = await Stack.build(table(part));
    const { hidden } = await stack.run({ ids: [0, 39] });
    expect(hidden!.toFloats()).toEqual(
      Float32Array.of(...data.both.subarray(15 * WIDTH, 16 * WIDTH), ...data.both.subarray(54 * WIDTH, 55 * WIDTH)),
    );
    await expect(stack.run({ ids: [40] })).rejects.toMatchObject({ code: 'native/out-of-range' });
  });

  it('cuts 16-bit weights by their rows', async () => {
    const bits = [0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0];
    const file = await store({ table: words('BF16', [3, 2], bits) });
    const tokens = rowsOf(stored(file, 'table'), 1, 2);
    using stack = await Stack.build({ name: 'table', width: 2, tokens: { tokens }, layers: [] });
    expect([...(await stack.run({ ids: [1, 0] })).hidden!.toFloats()]).toEqual([5, 6, 3, 4]);
  });

  it.each([
    [41, 40],
    [80, 1],
    [0, 0],
    [-1, 3],
    [0, 81],
  ])('of %i, %i beyond the tensor are refused when the stack is built', async (start, count) => {
    const file = await store(tensors);
    const up = { weight: rowsOf(stored(file, 'both'), start, count) };
    const feedForward = { up, down: { weight: stored(file, 'down') }, activation: 'relu' as const };
    await expect(Stack.build({ name: 'bad', width: WIDTH, layers: [[{ feedForward }]] })).rejects.toMatchObject({
      code: 'native/bad-argument',
    });
  });
});
