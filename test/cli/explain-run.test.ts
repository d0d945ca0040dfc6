import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { drawValue } from '../../src/cli/draw/value.ts';
import { explainRun } from '../../src/cli/explain-run.ts';
import { decodingTable } from '../../src/protocol/decoding-trace.ts';
import type { RunEvent } from '../../src/protocol/event.ts';
import type { Value } from '../../src/protocol/value.ts';

const colors = picocolors.createColors(false);
const other = (text: string, score: number) => ({
  text,
  probability: 0.01,
  penalty: null,
  magic: 0.02,
  score,
  chosen: false,
});
const TRACE = decodingTable({
  steps: [
    {
      candidates: [
        { text: ' the', probability: 0.25, penalty: null, magic: 0.0625, score: 0.5, chosen: false },
        { text: ' a', probability: 0.5, penalty: 0.25, magic: 0.125, score: 0.625, chosen: true },
        ...Array.from({ length: 10 }, (_, index) => other(` w${index}`, index / 100)),
      ],
    },
    { candidates: [{ text: '\n', probability: 1, penalty: -1, magic: null, score: 1, chosen: true }] },
  ],
});

function told(isInteractive: boolean, values: readonly Value[]): string {
  let text = '';
  let listener: (event: RunEvent) => void = () => {};
  const subscribe = (given: (event: RunEvent) => void) => {
    listener = given;
    return () => {};
  };
  const explanations = explainRun(
    { subscribe },
    {
      ...{ isInteractive, errorColors: colors, columns: 80 },
      printError(more) {
        text += more;
      },
    },
  );
  const stamp = { run: 'r', seq: 0, time: 0 };
  for (const value of values) listener({ ...stamp, type: 'node.output', node: 'magic', output: 'trace', value });
  explanations.print();
  return text;
}

describe('weft run --explain', () => {
  it('draws a table for each step, the chosen word first, bounds as such', () => {
    expect(
      told(true, [{ kind: 'Text', text: 'no trace' }, TRACE])
        .split('\n')
        .slice(0, 8),
    ).toEqual([
      '',
      'magic',
      'step 1  " a"',
      '   candidate  probability  penalty  magic  score',
      '>  " a"       0.500        0.250    0.125  0.625',
      '   " the"     0.250                 0.063  <= 0.500',
      '   " w9"      0.010                 0.020  <= 0.090',
      '   " w8"      0.010                 0.020  <= 0.080',
    ]);
    expect(told(true, [TRACE])).toMatch(/… 3 more candidates\n\nstep 2 {2}""\n/);
  });

  it('says nothing in a pipe, and nothing of runs that explain nothing', () => {
    expect(told(false, [TRACE])).toBe('');
    expect(told(true, [{ kind: 'Text', text: 'no trace' }])).toBe('');
  });

  it('stands for the table among results', () => {
    expect(drawValue(TRACE, { columns: 80, colors })).toEqual(['2 steps; --explain shows why each word was chosen']);
  });
});
