import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { drawBar } from '../../../src/cli/draw/bars.ts';
import { drawOutputs } from '../../../src/cli/draw/outputs.ts';
import { drawValue } from '../../../src/cli/draw/value.ts';
import type { Value } from '../../../src/protocol/value.ts';

const colors = picocolors.createColors(false);
const draw = (value: Value, columns = 60) => `\n${drawValue(value, { columns, colors }).join('\n')}\n`;

describe('scores', () => {
  const entries = [
    { label: 'a red circle', score: 0.8215 },
    { label: '二つの青い四角', score: 0.125 },
    { label: 'nothing at all', score: 0.0005 },
    { label: 'zero', score: 0 },
  ];

  it('are bars of eighths, aligned by width on the terminal', () => {
    expect(draw({ kind: 'Scores', normalized: true, entries })).toMatchInlineSnapshot(`
      "
      a red circle    █████████████████████████████▋        82.2 %
      二つの青い四角  ████▌                                 12.5 %
      nothing at all  ▏                                      0.1 %
      zero                                                   0.0 %
      "
    `);
  });

  it('fit a narrow terminal', () => {
    const lines = drawValue({ kind: 'Scores', normalized: true, entries }, { columns: 34, colors });
    expect(lines).toMatchInlineSnapshot(`
      [
        "a red circle    ████████▎   82.2 %",
        "二つの青い四角  █▎          12.5 %",
        "nothing at all  ▏            0.1 %",
        "zero                         0.0 %",
      ]
    `);
  });

  it('that are similarities fill the bar with the best one; below zero is no bar', () => {
    const similarities = [
      { label: 'cat', score: 0.31 },
      { label: 'dog', score: 0.155 },
      { label: 'car', score: -0.1 },
    ];
    expect(draw({ kind: 'Scores', normalized: false, entries: similarities }, 40)).toMatchInlineSnapshot(`
      "
      cat  ██████████████████████████   0.3100
      dog  █████████████                0.1550
      car                              -0.1000
      "
    `);
  });

  it('are cut after twenty, which is said', () => {
    const many = Array.from({ length: 23 }, (_, index) => ({ label: `label ${index}`, score: 0.01 }));
    const lines = drawValue({ kind: 'Scores', normalized: true, entries: many }, { columns: 60, colors });
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('… 3 more');
  });

  it('may be none', () => {
    expect(draw({ kind: 'Scores', normalized: true, entries: [] })).toContain('no scores');
  });

  it.each([
    [0, 4, ''],
    [1, 4, '████'],
    [0.5, 4, '██'],
    [1 / 32, 4, '▏'],
    [1e-9, 4, '▏'],
    [2, 4, '████'],
    [-1, 4, ''],
    [Number.NaN, 4, ''],
  ])('draw %f of %i as "%s"', (fraction, width, bar) => {
    expect(drawBar(fraction, width)).toBe(bar);
  });
});

describe('other values', () => {
  it('boxes are a table', () => {
    const boxes = [
      { label: 'dog', score: 0.91234, x: 12.4, y: 30.6, width: 100, height: 80.2 },
      { label: 'traffic light', score: 0.5, x: 0, y: 0, width: 1, height: 2 },
    ];
    expect(draw({ kind: 'Boxes', boxes, imageWidth: 640, imageHeight: 480 })).toMatchInlineSnapshot(`
      "
      2 boxes in 640 x 480
      label          score   x   y  width  height
      dog            0.912  12  31    100      80
      traffic light  0.500   0   0      1       2
      "
    `);
    expect(draw({ kind: 'Boxes', boxes: [], imageWidth: 64, imageHeight: 48 })).toBe('\n0 boxes in 64 x 48\n');
  });

  it('tables keep numbers to the right and cut long texts to the width', () => {
    const rows = [
      ['cat.png', 0.123456, 'a cat that sits on a mat and looks at the reader of this'],
      ['long/name.png', 12, null],
    ];
    expect(draw({ kind: 'Table', columns: ['image', 'score', 'caption'], rows }, 48)).toMatchInlineSnapshot(`
      "
      image           score  caption
      cat.png        0.1235  a cat that sits on a mat…
      long/name.png      12
      "
    `);
  });

  it('masks tell their share of the picture', () => {
    const data = Uint8Array.from({ length: 16 }, (_, index) => (index < 4 ? 1 : 0));
    const drawn = draw({ kind: 'Masks', width: 4, height: 4, masks: [{ label: 'cat', score: 0.5, data }] });
    expect(drawn).toMatch(/cat +0\.5 +25/);
  });

  it.each<[Value, string]>([
    [{ kind: 'Text', text: 'a\nb\tc' }, 'a b c'],
    [{ kind: 'Caption', text: 'a cat', score: 0.5 }, 'a cat  50.0 %'],
    [
      {
        kind: 'Answer',
        text: 'two',
        alternatives: [
          { label: 'two', score: 0.9 },
          { label: 'one', score: 0.1 },
        ],
      },
      'two  (or one 10.0 %)',
    ],
    [{ kind: 'Labels', labels: ['cat', 'dog'] }, 'cat, dog'],
    [{ kind: 'Tokens', ids: [1, 2, 3] }, '3 tokens: 1 2 3'],
    [{ kind: 'Image', width: 4, height: 2, data: new Uint8Array(24), name: 'cat.png' }, 'picture, 4 x 2  cat.png'],
    [{ kind: 'Video', frames: [] }, 'video, 0 frames'],
    [
      { kind: 'Tensor', dtype: 'float32', shape: [1, 3, 8, 8], data: new Float32Array(192) },
      'tensor, float32 1 x 3 x 8 x 8',
    ],
    [{ kind: 'Features', seq: 7, dim: 8, data: new Float32Array(56) }, 'features, 7 x 8'],
    [
      { kind: 'Embedding', space: 'zoo/clip', data: new Float32Array(4), label: 'cat' },
      'embedding of 4 numbers, space zoo/clip  cat',
    ],
    [{ kind: 'Model', model: 'clip', ref: 'zoo/clip' }, 'model clip: zoo/clip'],
  ])('%j is one line', (value, line) => {
    expect(drawValue(value, { columns: 80, colors })).toEqual([line]);
  });

  it('cannot steer the terminal', () => {
    const evil = '\u001b]0;title\u0007\u001b[2Jred\u001b[31m\u0000\r\u202egnp.exe\u009b31m';
    const boxes = [{ label: evil, score: 1, x: 0, y: 0, width: 1, height: 1 }];
    const values: Value[] = [
      { kind: 'Text', text: evil },
      { kind: 'Scores', normalized: true, entries: [{ label: evil, score: 1 }] },
      { kind: 'Boxes', boxes, imageWidth: 1, imageHeight: 1 },
      { kind: 'Table', columns: [evil], rows: [[evil]] },
      { kind: 'Labels', labels: [evil] },
    ];
    const outputs = { [evil]: values.map((value, index) => ({ item: { index, key: evil }, value })) };
    const text = drawOutputs(outputs, { columns: 80, colors }).join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('red');
  });
});

describe('outputs', () => {
  it('do not repeat the name of an item', () => {
    const image = { kind: 'Image', width: 4, height: 2, data: new Uint8Array(24), name: 'cat.png' } as const;
    const lines = drawOutputs(
      { picture: [{ item: { index: 0, key: 'cat.png' }, value: image }] },
      { columns: 60, colors },
    );
    expect(lines).toEqual(['picture', '  cat.png  picture, 4 x 2']);
  });

  it('put one-line values beside the names of their items', () => {
    const outputs = {
      caption: [
        { item: { index: 0, key: 'a.png' }, value: { kind: 'Caption', text: 'a cat' } as const },
        { item: { index: 1, key: 'longer-name.png' }, value: { kind: 'Caption', text: 'a dog' } as const },
      ],
      answer: [{ value: { kind: 'Answer', text: 'yes' } as const }],
      empty: [],
    };
    expect(`\n${drawOutputs(outputs, { columns: 60, colors }).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      caption
        a.png            a cat
        longer-name.png  a dog

      answer
        yes

      empty
        nothing
      "
    `);
  });
});
