import { describe, expect, it } from 'vitest';
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

  it('refuses a condition of another width', async () => {
    const wide = { ...condition, data: new Float32Array(5) };
    const run = runNode(node, { model: 'test' }, { rows, condition: wide }, await blocksOf(weights));
    await expect(run).rejects.toMatchObject({ code: 'run/bad-input', message: expect.stringContaining('[3]') });
  });
});
