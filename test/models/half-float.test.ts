import { expect, test } from 'vitest';
import { bfloatToFloat, halfToFloat } from '../../src/models/half-float.ts';

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
