import { describe, expect, it } from 'vitest';
import { tabulate, toCsv, toJsonRows } from '../../src/nodes/tabulate.ts';
import type { Value } from '../../src/protocol/value.ts';
import { embedding } from './embedding.ts';

const scores = (subject: string, ...labels: string[]): Value => {
  const entries = labels.map((label, index) => ({ label, score: 1 / (index + 2) }));
  return { kind: 'Scores', entries, normalized: true, subject };
};

describe('tabulate', () => {
  it('makes rows of every kind that has some', () => {
    const box = { x: 1, y: 2, width: 3, height: 4, label: 'cat', score: 0.5 };
    const cases: [Value, string, unknown[][]][] = [
      [
        scores('a', 'x', 'y'),
        'subject,rank,label,score',
        [
          ['a', 1, 'x', 1 / 2],
          ['a', 2, 'y', 1 / 3],
        ],
      ],
      [
        { kind: 'Boxes', boxes: [box], imageWidth: 9, imageHeight: 9 },
        'subject,label,score,x,y,width,height',
        [[null, 'cat', 0.5, 1, 2, 3, 4]],
      ],
      [{ kind: 'Text', text: 'a cat', label: 'cat' }, 'text,label', [['a cat', 'cat']]],
      [{ kind: 'Caption', text: 'a cat' }, 'text,score', [['a cat', null]]],
      [{ kind: 'Answer', text: 'two', score: 1 }, 'text,score', [['two', 1]]],
      [{ kind: 'Labels', labels: ['a', 'b'] }, 'label', [['a'], ['b']]],
      [{ kind: 'Image', data: new Uint8Array(3), width: 1, height: 1 }, 'name,width,height', [[null, 1, 1]]],
      [embedding([1, 2], 'x'), 'label,d0,d1', [['x', 1, 2]]],
      [
        { kind: 'Masks', width: 2, height: 1, masks: [{ label: 'm', score: 1, data: Uint8Array.from([1, 1]) }] },
        'label,score,area',
        [['m', 1, 2]],
      ],
    ];
    for (const [value, columns, rows] of cases) {
      expect(tabulate([value], 'rows')).toEqual({ kind: 'Table', columns: columns.split(','), rows });
    }
  });

  it('joins what has the same columns and refuses what has not', () => {
    const table = { kind: 'Table', columns: ['n'], rows: [[1]] } as const;
    expect(tabulate([table, table], 'rows').rows).toEqual([[1], [1]]);
    expect(tabulate([scores('a', 'x'), scores('b', 'y')], 'rows').rows).toHaveLength(2);
    expect(tabulate([], 'rows')).toEqual({ kind: 'Table', columns: [], rows: [] });
    const text = { kind: 'Text', text: 'a' } as const;
    expect(() => tabulate([table, text], 'rows')).toThrow(expect.objectContaining({ code: 'run/bad-input' }));
    const tensor = { kind: 'Tensor', dtype: 'bool', shape: [0], data: new Uint8Array() } as const;
    expect(() => tabulate([tensor], 'rows')).toThrow(expect.objectContaining({ code: 'run/bad-input' }));
  });

  it('writes CSV that reads back, and JSON objects', () => {
    const rows = [
      ['plain', 1.5],
      ['with, comma', null],
      ['with "quotes"', -2],
      ['two\nlines', 0],
    ] as const;
    const table = { kind: 'Table', columns: ['a', 'b'], rows } as const;
    expect(toCsv(table)).toBe('a,b\r\nplain,1.5\r\n"with, comma",\r\n"with ""quotes""",-2\r\n"two\nlines",0\r\n');
    expect(JSON.parse(toJsonRows(table))[1]).toEqual({ a: 'with, comma', b: null });
  });
});
