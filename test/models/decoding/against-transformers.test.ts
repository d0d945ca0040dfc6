import { describe, expect, it } from 'vitest';
import { complaints, runFixture } from '../families/parity-fixture.ts';

describe('decoding against transformers', () => {
  it.each([
    ['decode_gpt2', 39],
    ['decode_filters', 10],
  ])('%s', async (name, outputs) => {
    const outcomes = await runFixture(name);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.filter(({ status }) => status === 'passed').length).toBe(outputs);
  });
});
