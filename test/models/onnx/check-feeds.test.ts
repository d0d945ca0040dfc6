import { describe, expect, test } from 'vitest';
import { checkFeeds, type Feed, describe as shapeText } from '../../../src/models/onnx/check-feeds.ts';
import type { OnnxPort } from '../../../src/models/onnx/message.ts';

const inputs: OnnxPort[] = [
  { name: 'pixels', dtype: 'float32', element: 'float32', shape: ['batch', 3, null] },
  { name: 'ids', dtype: 'int64', element: 'int64', shape: [2] },
];
const pixels: Feed = { dtype: 'float32', shape: [1, 3, 4], data: new Float32Array(12) };
const ids: Feed = { dtype: 'int64', shape: [2], data: new BigInt64Array(2) };

describe('feeds', () => {
  test('that fit come back in the order of the inputs', () => {
    expect(checkFeeds('m', inputs, { ids, pixels }).map(({ name }) => name)).toEqual(['pixels', 'ids']);
  });

  test.each<[string, Record<string, Feed>, object]>([
    ['a missing one', { pixels }, { input: 'ids', expected: 'int64 [2]', received: 'none' }],
    ['an unknown one', { pixels, ids, mask: ids }, { input: 'mask' }],
    ['another dtype', { pixels: { ...ids, shape: [1, 3, 4] }, ids }, { received: 'int64 [1 x 3 x 4]' }],
    ['another rank', { pixels: { ...pixels, shape: [3, 4] }, ids }, { expected: 'float32 [batch x 3 x ?]' }],
    ['another fixed size', { pixels: { ...pixels, shape: [3, 1, 4] }, ids }, { received: 'float32 [3 x 1 x 4]' }],
    [
      'fewer numbers than the shape says',
      { pixels: { ...pixels, data: new Float32Array(11) }, ids },
      { input: 'pixels' },
    ],
    ['another array than the dtype says', { pixels, ids: { ...ids, data: new Int32Array(2) } }, { input: 'ids' }],
    ['rows that are not there', { pixels: { ...pixels, rows: [0, 1] }, ids }, { input: 'pixels' }],
    ['another number of rows', { pixels, ids: { ...ids, rows: [0, 1, 1] } }, { input: 'ids' }],
    ['a size that is no size', { pixels: { ...pixels, shape: [-1, 3, -4] }, ids }, { input: 'pixels' }],
  ])('%s is model/bad-input', (_, feeds, details) => {
    expect(() => checkFeeds('m', inputs, feeds)).toThrow(
      expect.objectContaining({
        code: 'model/bad-input',
        details: expect.objectContaining({ model: 'm', ...details }),
      }),
    );
  });

  test('a name of Object’s own is no feed', () => {
    const odd: OnnxPort = { name: 'constructor', dtype: 'float32', element: 'float32', shape: [1] };
    expect(() => checkFeeds('m', [odd], {})).toThrow(expect.objectContaining({ code: 'model/bad-input' }));
  });
});

test('a shape is shown with names and unknown sizes', () => {
  expect(shapeText(['batch', 3, null])).toBe('batch x 3 x ?');
});
