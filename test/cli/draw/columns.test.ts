import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../../src/cli/draw/bytes.ts';
import { clip, padEnd, padStart, widthOf, wrap } from '../../../src/cli/draw/columns.ts';

describe('columns', () => {
  it('count what a terminal shows', () => {
    expect([widthOf('abc'), widthOf('猫'), widthOf('e\u0301'), widthOf('👩‍👩‍👧')]).toEqual([3, 2, 1, 2]);
    expect(padEnd('猫', 4)).toBe('猫  ');
    expect(padStart('12', 4)).toBe('  12');
    expect(padEnd('longer', 3)).toBe('longer');
  });

  it('cut between characters', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('abcd', 4)).toBe('abcd');
    expect(clip('猫猫猫', 4)).toBe('猫…');
  });

  it('wrap between words', () => {
    expect(wrap('one two  three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('unbreakable', 3)).toEqual(['unbreakable']);
    expect(wrap('', 3)).toEqual([]);
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1550, '1.6 kB'],
    [9960, '10 kB'],
    [999_600, '1.0 MB'],
    [340_000_000, '340 MB'],
    [2_500_000_000_000, '2.5 TB'],
    [2_500_000_000_000_000, '2500 TB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
