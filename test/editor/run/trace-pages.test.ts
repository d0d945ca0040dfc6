import { expect, test } from 'vitest';
import { type ItemResult, NodeRun } from '../../../editor/src/run/run-state.ts';
import { pagesOf, reasonsOf, shareOf, tokenText, tracePages } from '../../../editor/src/run/trace-pages.ts';
import { type DecodingCandidate, decodingTable } from '../../../src/protocol/index.ts';

function candidate(text: string, more: Partial<DecodingCandidate> = {}): DecodingCandidate {
  return { text, probability: 0.5, penalty: 0.25, magic: 0.1, score: 0, chosen: false, ...more };
}

const steps = [
  { candidates: [candidate(' a', { score: 0.2 }), candidate(' the', { score: 0.7, chosen: true })] },
  { candidates: [candidate(' cat', { chosen: true })] },
];

test('every step of every item is a page, the best candidate first', () => {
  const run = new NodeRun();
  const table = decodingTable({ steps });
  run.outputs.set('caption', new Map([[0, { index: 0, seq: 0, value: { kind: 'Caption', text: 'the cat' } }]]));
  run.outputs.set(
    'trace',
    new Map(['x.png', 'y.png'].map((key, index) => [index, { index, key, seq: index, value: table }])),
  );
  const pages = tracePages(run, ['caption', 'trace']);
  expect(pages.map(({ key, step }) => [key, step])).toEqual([
    ['x.png', 0],
    ['x.png', 1],
    ['y.png', 0],
    ['y.png', 1],
  ]);
  expect(pages[0]).toMatchObject({ written: [' the', ' cat'], candidates: [{ text: ' the' }, { text: ' a' }] });
});

test('steps show while they are decided, and one that was not reported is left out', () => {
  const run = new NodeRun();
  const { columns, rows } = decodingTable({ steps });
  const report = (step: number) => ({ kind: 'Table', columns, rows: rows.filter(([of]) => of === step) }) as const;
  run.addPartial('trace', { index: 0, seq: 0, value: report(2) });
  expect(tracePages(run, ['trace'])).toMatchObject([{ step: 1, written: ['', ' cat'] }]);
});

test('pages of an item are made once', () => {
  const item: ItemResult = { index: 0, seq: 0, value: decodingTable({ steps }) };
  expect(pagesOf(item)).toHaveLength(2);
  expect(pagesOf(item)).toBe(pagesOf(item));
});

test('other tables are no traces', () => {
  const run = new NodeRun();
  run.addPartial('table', { index: 0, seq: 0, value: { kind: 'Table', columns: ['step', 'text'], rows: [[1, 'a']] } });
  expect(tracePages(run, ['table'])).toEqual([]);
});

test('bars are shares of the largest of a step; what was not computed has none', () => {
  const candidates = [
    candidate('a', { probability: 0.4, penalty: null, magic: null }),
    candidate('b', { probability: 0.1, penalty: -0.5, magic: null }),
  ];
  expect(reasonsOf(candidates).map(({ name }) => name)).toEqual(['probability', 'penalty']);
  const shares = (name: 'probability' | 'penalty') => candidates.map((each) => shareOf(each, name, candidates));
  expect(shares('probability')).toEqual([1, 0.25]);
  expect(shares('penalty')).toEqual([undefined, 0]);
});

test.each([
  [' cat', 'cat'],
  [' ', '␣'],
  ['\n', '⏎'],
])('the token %j is shown as %s', (text, shown) => {
  expect(tokenText(text)).toBe(shown);
});
