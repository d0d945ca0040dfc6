import { expect, test } from 'vitest';
import { bytes, count, describeValue, duration, score } from '../../../editor/src/run/value-text.ts';

test('probabilities read as per cent, similarities as numbers', () => {
  expect(score(0.9731, true)).toBe('97.3 %');
  expect(score(1, true)).toBe('100 %');
  expect(score(0.0001, true)).toBe('< 0.1 %');
  expect(score(0, true)).toBe('0 %');
  expect(score(0.2468, false)).toBe('0.247');
});

test('times and sizes have units that fit them', () => {
  expect(duration(0.2)).toBe('< 1 ms');
  expect(duration(42.4)).toBe('42 ms');
  expect(duration(2345)).toBe('2.35 s');
  expect(duration(61_000)).toBe('1 min 1 s');
  expect(bytes(999)).toBe('999 B');
  expect(bytes(6_500_000)).toBe('6.5 MB');
  expect(count(1, 'box', 'boxes')).toBe('1 box');
});

test('every value has a short description', () => {
  expect(describeValue({ kind: 'Image', width: 640, height: 480, name: 'a.png' })).toBe('640 × 480 · a.png');
  expect(describeValue({ kind: 'Tensor', dtype: 'float32', shape: [3, 64, 64] })).toBe('float32 · 3 × 64 × 64');
  expect(describeValue({ kind: 'Scores', entries: [{ label: 'cat', score: 0.5 }], normalized: true })).toBe(
    'cat · 50.0 %',
  );
  expect(describeValue({ kind: 'Boxes', boxes: [], imageWidth: 1, imageHeight: 1 })).toBe('0 boxes');
});
