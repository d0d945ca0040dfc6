import { expect, test } from 'vitest';
import { Checker, looseOutputs, refusalText } from '../../../editor/src/document/checks.ts';
import { WeftError } from '../../../src/errors.ts';
import type { Graph } from '../../../src/protocol/index.ts';
import { descriptors, graph } from '../sample.ts';

const checker = new Checker(descriptors, []);

test('a wire that fits is not refused', () => {
  expect(
    checker.refusal(graph, { node: 'image', output: 'image' }, { node: 'pixels', input: 'image' }),
  ).toBeUndefined();
});

test('a refusal names both sockets, both types and what to do', () => {
  const texts: Graph = {
    ...graph,
    nodes: { ...graph.nodes, texts: { type: 'source/texts', params: { texts: ['a'] } } },
  };
  const reason = checker.refusal(texts, { node: 'texts', output: 'text' }, { node: 'pixels', input: 'image' });
  expect(reason).toMatch(/^Expected Image at "pixels\.image", received Text from "texts\.text"\. ./);
});

test('a wire that would close a circle, or join a node to itself, is refused', () => {
  const self = checker.refusal(graph, { node: 'pixels', output: 'pixels' }, { node: 'pixels', input: 'image' });
  expect(self).toBe('A node cannot read its own output.');
  const back: Graph = {
    ...graph,
    nodes: { ...graph.nodes, more: { type: 'head/scores', in: { pixels: ['pixels', 'pixels'] } } },
  };
  expect(checker.refusal(back, { node: 'more', output: 'scores' }, { node: 'pixels', input: 'image' })).toBeDefined();
});

test('unfinished work is to do, mistakes are errors', () => {
  const unfinished: Graph = {
    weft: 1,
    name: 'x',
    nodes: { pixels: { type: 'preprocess/image' }, image: { type: 'source/image' } },
  };
  const problems = checker.problems(unfinished);
  expect(problems.map(({ code }) => code).sort()).toEqual([
    'graph/bad-parameter',
    'graph/missing-input',
    'graph/no-output',
  ]);
  expect(problems.every(({ level }) => level === 'todo')).toBe(true);
  const wrong: Graph = { ...graph, nodes: { ...graph.nodes, x: { type: 'head/nothing' } } };
  expect(checker.problems(wrong)).toMatchObject([{ code: 'graph/unknown-type', level: 'error', node: 'x' }]);
  expect(checker.problems({ weft: 1, name: 'empty', nodes: {} })).toEqual([]);
});

test('the last outputs are found, sources that nobody reads are not', () => {
  const loose: Graph = { ...graph, nodes: { ...graph.nodes, texts: { type: 'source/texts' } } };
  expect(looseOutputs(loose, checker.lookup)).toEqual([{ node: 'scores', output: 'scores' }]);
});

test('only nodes with a fitting socket are offered for a dropped wire', () => {
  const fitting = (end: { node: string; output: string }) =>
    descriptors.filter((node) => checker.fitsNode(graph, end, node)).map(({ type }) => type);
  expect(fitting({ node: 'image', output: 'image' })).toEqual(['preprocess/image']);
  expect(fitting({ node: 'pixels', output: 'pixels' })).toEqual(['head/scores']);
});

test('reason and remedy make one text', () => {
  const error = new WeftError('graph/cycle', { nodes: ['a', 'b'] });
  expect(refusalText(error)).toBe(
    'Expected no cycle, received one through a, b. Remove one of the links of the cycle.',
  );
});
