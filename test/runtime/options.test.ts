import { describe, expect, it } from 'vitest';
import { RUNTIME_LIMITS } from '../../src/runtime/index.ts';
import { withDefaults } from '../../src/runtime/options.ts';
import { runtimeOf } from './sample-runtime.ts';

describe('limits', () => {
  it('are the defaults where none is given', () => {
    expect(withDefaults({})).toEqual(RUNTIME_LIMITS);
    expect(withDefaults({ cacheBytes: 0, maxNodes: Number.POSITIVE_INFINITY })).toEqual({
      ...RUNTIME_LIMITS,
      cacheBytes: 0,
      maxNodes: Number.POSITIVE_INFINITY,
    });
  });

  it.each([
    { concurrency: 0 },
    { maxRuns: 0 },
    { sliceMilliseconds: 0 },
    { batchSize: Number.NaN },
    { cacheBytes: -1 },
    { concurrency: '4' as unknown as number },
  ])('%o is refused when the runtime is made: runs would wait for ever', (limits) => {
    const [option] = Object.keys(limits);
    expect(() => runtimeOf([], limits)).toThrow(
      expect.objectContaining({ code: 'usage/bad-option', details: expect.objectContaining({ option }) }),
    );
  });
});
