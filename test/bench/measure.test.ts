import { describe, expect, it } from 'vitest';
import { interleave, median, percentile } from '../../bench/harness/measure.ts';

describe('median', () => {
  it('is the middle, or the mean of the two middles', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 3])).toBe(4);
    expect(median([])).toBeNaN();
  });
});

describe('interleave', () => {
  it('takes turns, and counts nothing of the warm-up', async () => {
    const order: string[] = [];
    const numbers = { ours: [100, 3, 1, 2], peer: [200, 30, 10, 50] };
    const take = (who: 'ours' | 'peer') => async () => {
      order.push(who);
      return numbers[who].shift() as number;
    };
    const timing = await interleave(take('ours'), take('peer'), { warmup: 1, count: 3 });
    expect(order.join(' ')).toBe('ours peer ours peer ours peer ours peer');
    expect(timing).toEqual({ ours: 2, peer: 30, oursBest: 1, peerBest: 10, n: 3 });
  });
});

describe('percentile', () => {
  it('is the value that so many do not exceed', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentile(values, 0.99)).toBe(198);
    expect(percentile(values, 0.5)).toBe(100);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});
