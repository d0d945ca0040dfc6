import { describe, expect, it } from 'vitest';
import { describeProcessor, featuresOf } from '../../src/system/processor.ts';

describe('the processor', () => {
  it('has the features that Linux lists, in one order', () => {
    expect(featuresOf('processor : 0\nflags\t\t: fpu avx512f sse2 avx2 fma\nbugs : none\n')).toEqual([
      'avx2',
      'fma',
      'avx512f',
    ]);
    expect(featuresOf('Features\t: fp asimd asimddp\n')).toEqual(['asimd', 'asimddp']);
    expect(featuresOf('')).toEqual([]);
  });

  it('has a name and threads', () => {
    const { model, hardwareThreads } = describeProcessor();
    expect(model).not.toBe('');
    expect(hardwareThreads).toBeGreaterThan(0);
  });
});
