import { expect, test } from 'vitest';
import { bfloatToFloat, floatToHalf, halfToFloat } from '../../src/models/half-float.ts';

test.each([
  [0x0000, 0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65504],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
])('binary16 %i', (bits, value) => {
  expect(halfToFloat(bits)).toBe(value);
});

test.each([
  [0x3f80, 1],
  [0xc040, -3],
  [0x4049, 3.140625],
  [0x7f80, Number.POSITIVE_INFINITY],
])('bfloat16 %i', (bits, value) => {
  expect(bfloatToFloat(bits)).toBe(value);
});

test('what is no number', () => {
  expect(halfToFloat(0x7e00)).toBeNaN();
  expect(bfloatToFloat(0x7fc0)).toBeNaN();
  expect(Object.is(halfToFloat(0x8000), -0)).toBe(true);
});

test('every binary16 comes back from its float', () => {
  const bits = Array.from({ length: 0x10000 }, (_, each) => each);
  const same = (each: number) => {
    const value = halfToFloat(each);
    return Number.isNaN(value) ? Number.isNaN(halfToFloat(floatToHalf(value))) : floatToHalf(value) === each;
  };
  expect(bits.filter((each) => !same(each))).toEqual([]);
});

test.each([
  ['half-way to the even one below', 1 + 2 ** -11, 0x3c00],
  ['half-way to the even one above', 1 + 3 * 2 ** -11, 0x3c02],
  ['just above half-way', 1 + 2 ** -11 + 2 ** -20, 0x3c01],
  ['with a carry into the exponent', 2 - 2 ** -12, 0x4000],
  ['half of the smallest', 2 ** -25, 0],
  ['more than half of the smallest', 2 ** -25 + 2 ** -30, 1],
  ['up to the first normal one', 2 ** -14 - 2 ** -26, 0x0400],
  ['just within the range', 65519, 0x7bff],
  ['beyond the range', -65520, 0xfc00],
  ['too small', -1e-30, 0x8000],
])('a float is rounded %s', (_, value, bits) => {
  expect(floatToHalf(value)).toBe(bits);
});
