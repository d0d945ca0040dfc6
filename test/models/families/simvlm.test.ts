import { describe, expect, it } from 'vitest';
import { simvlm } from '../../../src/models/families/simvlm.ts';
import { type PrefixedTexts, SimVlm } from '../../../src/models/families/simvlm-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

describe('SimVLM against its equations', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)('agrees in %s', async (precision) => {
    const outcomes = await runFixture('simvlm_prefix', precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(7);
  });
});

describe('SimVLM', () => {
  const open = () =>
    fromCheckpoint(`${FIXTURES}/simvlm_prefix`, { model: 'test/simvlm' }, async (checkpoint) =>
      SimVlm.build('test/simvlm', await simvlm(checkpoint)),
    );
  const given = (change: Partial<PrefixedTexts> = {}): PrefixedTexts => ({
    picture: Tensor.from(new Float32Array(9 * 24), [1, 9, 24]),
    ids: [1, 2, 3, 4],
    mask: [1, 1, 1, 1],
    prefixLengths: [2],
    suffix: 2,
    ...change,
  });

  it.each([
    ['a picture of other rows', { picture: Tensor.from(new Float32Array(8 * 24), [1, 8, 24]) }, '[1 x 9 x 24]'],
    ['a mask of another length', { mask: [1, 1] }, '4 ids and 2 of a mask'],
    ['a prefix longer than the text', { prefixLengths: [5] }, 'whole numbers up to 4'],
    ['a rest longer than the text', { suffix: 5 }, 'a whole number from 1 to 4'],
  ])('refuses %s', async (_, change, words) => {
    const model = await open();
    for (const run of [model.encodeDecode(given(change)), model.readAll(given(change))]) {
      await expect(run).rejects.toMatchObject({
        code: 'model/bad-input',
        message: expect.stringContaining(words),
      });
    }
  });
});
