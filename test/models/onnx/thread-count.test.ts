import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { threadCount } from '../../../src/models/onnx/thread-count.ts';

test('every core, unless WEFT_THREADS says how many', () => {
  expect(threadCount({})).toBe(availableParallelism());
  expect(threadCount({ WEFT_THREADS: '' })).toBe(availableParallelism());
  expect(threadCount({ WEFT_THREADS: '3' })).toBe(3);
});

test.each(['0', '-1', '1.5', 'many', '0x2', '99999'])('WEFT_THREADS=%s is refused', (WEFT_THREADS) => {
  expect(() => threadCount({ WEFT_THREADS })).toThrow(expect.objectContaining({ code: 'native/bad-threads' }));
});
