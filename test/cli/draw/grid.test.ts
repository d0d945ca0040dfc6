import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { drawGrid } from '../../../src/cli/draw/grid.ts';

const draw = (rows: readonly (readonly (string | number | null)[])[]) =>
  drawGrid(['label', 'score', 'x'], rows, { columns: 60, colors: picocolors.createColors(false) });

describe('drawGrid', () => {
  it('puts points below each other', () => {
    expect(
      draw([
        ['kite', 0.814, 593],
        ['person', 0.69, 20],
      ]),
    ).toEqual(['label   score    x', 'kite    0.814  593', 'person  0.690   20']);
  });

  it('keeps exponents and empty cells', () => {
    expect(
      draw([
        ['a', 1e-9, null],
        ['b', 0.5, 2],
      ]),
    ).toEqual(['label  score  x', 'a       1e-9', 'b        0.5  2']);
  });
});
