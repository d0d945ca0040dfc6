/** ASIF against its authors' procedure, with other numbers of anchors, k and p. */
import { expect, it } from 'vitest';
import { complaints, runFixture } from '../families/parity-fixture.ts';

it.each(['asif', 'asif_few', 'asif_odd'])('%s agrees', async (name) => {
  const outcomes = await runFixture(name);
  expect(complaints(outcomes)).toEqual([]);
  expect(outcomes).toHaveLength(13);
});
