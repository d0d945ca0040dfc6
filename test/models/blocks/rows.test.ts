import { describe, expect, it } from 'vitest';
import { firstRows, pickItems, pickRows, repeatRow, sliceRows } from '../../../src/models/blocks/rows.ts';
import { Tensor } from '../../../src/native/tensor.ts';

/** Two items of three rows of two numbers: row r of item i is [10 i + r, 0.5]. */
const batch = () => Tensor.from(Float32Array.from([0, 1, 2, 10, 11, 12].flatMap((row) => [row, 0.5])), [2, 3, 2]);

async function rows(made: Promise<Tensor>): Promise<[readonly number[], number[]]> {
  const tensor = await made;
  return [tensor.shape, [...tensor.toFloats()].filter((_, index) => index % 2 === 0)];
}

describe('rows of a batch', () => {
  it('are cut, repeated, chosen and put in another order', async () => {
    const x = batch();
    expect(await rows(sliceRows(x, 1, 2))).toEqual([
      [2, 2, 2],
      [1, 2, 11, 12],
    ]);
    expect(await rows(repeatRow(x, 2, 2))).toEqual([
      [2, 2, 2],
      [2, 2, 12, 12],
    ]);
    expect(
      await rows(
        pickRows(x, [
          [2, 0],
          [1, 1],
        ]),
      ),
    ).toEqual([
      [2, 2, 2],
      [2, 0, 11, 11],
    ]);
    expect(await rows(firstRows(x))).toEqual([
      [2, 2],
      [0, 10],
    ]);
    expect(await rows(pickItems(x, [1, 0, 1]))).toEqual([
      [3, 3, 2],
      [10, 11, 12, 0, 1, 2, 10, 11, 12],
    ]);
  });

  it('are cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(pickItems(batch(), [0], { signal })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});
