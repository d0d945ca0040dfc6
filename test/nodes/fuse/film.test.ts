import { describe, expect, it } from 'vitest';
import { Film, film } from '../../../src/models/fusion/film.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import node from '../../../src/nodes/fuse/film.ts';
import { runNode } from '../call-node.ts';
import { blocksOf, drawn, expectClose, features, featuresFrom, linearRows, rowsOf } from './fixture-block.ts';

const weights = {
  ...{ 'film_mul.weight': drawn(1, 4, 3), 'film_mul.bias': drawn(2, 4) },
  ...{ 'film_add.weight': drawn(3, 4, 3), 'film_add.bias': drawn(4, 4) },
};
const rows = features(drawn(5, 6, 4));
const condition = { kind: 'Embedding', space: 'test', data: drawn(6, 3).data } as const;

describe('fuse/film', () => {
  it('scales and shifts every row by what the condition says', async () => {
    const made = await runNode(node, { model: 'test' }, { rows, condition }, await blocksOf(weights));
    const told = (name: 'film_mul' | 'film_add') =>
      linearRows([[...condition.data]], weights[`${name}.weight`], weights[`${name}.bias`].data)[0]!;
    const [scale, shift] = [told('film_mul'), told('film_add')];
    const expected = rowsOf(rows).map((row) => row.map((value, column) => scale[column]! * value + shift[column]!));
    expectClose(made.rows, featuresFrom(expected));
  });

  it('takes a condition for each item of a batch', async () => {
    const { block } = await blocksOf(weights);
    const place = { ref: 'test', prefix: '', precision: 'fp32', form: 'film' } as const;
    const built = await block(place, (sources) => Film.build(film(sources.weights), { precision: 'fp32' }));
    const [items, conditions] = [drawn(7, 2, 6, 4), drawn(8, 2, 3)];
    using x = Tensor.from(items.data, items.shape);
    using c = Tensor.from(conditions.data, conditions.shape);
    using together = await built.run(x, c);
    const alone: number[] = [];
    for (const item of [0, 1]) {
      using one = Tensor.from(items.data.slice(item * 24, (item + 1) * 24), [1, 6, 4]);
      using told = Tensor.from(conditions.data.slice(item * 3, (item + 1) * 3), [1, 3]);
      using row = await built.run(one, told);
      alone.push(...row.toFloats());
    }
    expect(together.shape).toEqual([2, 6, 4]);
    expect([...together.toFloats()]).toEqual(alone);
  });

  it('refuses a condition of another width', async () => {
    const wide = { ...condition, data: new Float32Array(5) };
    const run = runNode(node, { model: 'test' }, { rows, condition: wide }, await blocksOf(weights));
    await expect(run).rejects.toMatchObject({ code: 'run/bad-input', message: expect.stringContaining('[3]') });
  });
});
