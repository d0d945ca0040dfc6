import { describe, expect, it } from 'vitest';
import { resizedSize } from '../../src/image/target-size.ts';

describe('resizedSize', () => {
  it('takes an exact size as it is', () => {
    expect(resizedSize({ kind: 'exact', width: 7, height: 3 }, 100, 100)).toEqual({ width: 7, height: 3 });
  });

  it('truncates the longer side', () => {
    const target = { kind: 'shortest-edge', edge: 224 } as const;
    expect(resizedSize(target, 640, 480)).toEqual({ width: 298, height: 224 });
    expect(resizedSize(target, 333, 500)).toEqual({ width: 224, height: 336 });
    expect(resizedSize(target, 50, 50)).toEqual({ width: 224, height: 224 });
  });

  it('lets the longest edge bind, with the unrounded shorter one', () => {
    const target = { kind: 'shortest-edge', edge: 800, longest: 1333 } as const;
    // 1333 * 480 / 1920 = 333.25: 333, and int(333.25 * 1920 / 480) = 1333.
    expect(resizedSize(target, 1920, 480)).toEqual({ width: 1333, height: 333 });
    expect(resizedSize(target, 640, 480)).toEqual({ width: 1066, height: 800 });
  });

  it('rounds a bound edge half to even, and keeps a picture whose shorter side is that already', () => {
    // 5 * 1 / 2 = 2.5 rounds to 2.
    expect(resizedSize({ kind: 'shortest-edge', edge: 4, longest: 5 }, 4, 2)).toEqual({ width: 4, height: 2 });
    // 7 * 1 / 2 = 3.5 rounds to 4.
    expect(resizedSize({ kind: 'shortest-edge', edge: 6, longest: 7 }, 8, 4)).toEqual({ width: 8, height: 4 });
  });

  it('fits within a box', () => {
    expect(resizedSize({ kind: 'within', width: 100, height: 50 }, 640, 480)).toEqual({ width: 66, height: 50 });
  });

  it('floors both sides to multiples, and bounds the longer by 1333/800', () => {
    const target = { kind: 'multiple', edge: 384, divisor: 32 } as const;
    expect(resizedSize(target, 640, 480)).toEqual({ width: 512, height: 384 });
    // 1920 x 384 is too long: 639 x 127.8, which rounds to 128.
    expect(resizedSize(target, 2000, 400)).toEqual({ width: 608, height: 128 });
    expect(resizedSize(target, 4000, 50)).toEqual({ width: 608, height: 0 });
  });
});
