import { expect, test } from 'vitest';
import { groupByFamily, searchNodes } from '../../../editor/src/palette/search.ts';
import { descriptors } from '../sample.ts';

const types = (query: string) => searchNodes(descriptors, query).map(({ type }) => type);

test('an empty query lists all, in the order data flows', () => {
  expect(types('')).toEqual(['source/image', 'source/texts', 'preprocess/image', 'head/scores', 'sink/table']);
  expect(groupByFamily(descriptors).map(({ name }) => name)).toEqual(['source', 'preprocess', 'head', 'sink']);
});

test('a title counts more than what a node makes, that more than what it takes, that more than its summary', () => {
  expect(types('scor')).toEqual(['head/scores', 'sink/table']);
  expect(types('picture')[0]).toBe('source/image');
  expect(types('image')[0]).toBe('preprocess/image');
});

test('every word must match somewhere', () => {
  expect(types('preprocess picture')).toEqual(['preprocess/image']);
  expect(types('picture nonsense')).toEqual([]);
  expect(types('SINK/TABLE')).toEqual(['sink/table']);
});
