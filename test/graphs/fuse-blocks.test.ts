import { describe, expect, it } from 'vitest';
import type { TableValue } from '../../src/protocol/value.ts';
import { failuresOf, runGraph, valuesOf } from './run-graph.ts';

const measured = ({ rows }: TableValue): Record<string, number> =>
  Object.fromEntries(rows.map(([name, value]) => [String(name), Number(value)]));

describe('graphs/fuse-blocks.json', () => {
  it('runs every fusion block on real pictures, with the towers of a trained CLIP', { timeout: 30_000 }, async () => {
    const result = await runGraph('fuse-blocks');
    expect(failuresOf(result)).toEqual([]);
    const texts = [...valuesOf(result, 'text', 'Features').values()];
    expect(texts.map(({ seq, dim }) => [seq, dim])).toEqual([
      [6, 32],
      [6, 32],
    ]);
    for (const { data } of texts) expect(data.every(Number.isFinite)).toBe(true);
    // What the blocks say depends on the pair.
    expect(texts[0]!.data).not.toEqual(texts[1]!.data);
    for (const { entries } of valuesOf(result, 'scores', 'Scores').values()) {
      expect(entries.map(({ label }) => label).sort()).toEqual(['match', 'no match']);
      expect(entries[0]!.score + entries[1]!.score).toBeCloseTo(1, 6);
    }
    for (const { data, dim } of valuesOf(result, 'assignment', 'Features').values()) {
      for (let row = 0; row < data.length; row += dim) {
        expect(data.subarray(row, row + dim).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      }
    }
  });

  it('measures: the trained towers find the right text, the untrained head guesses', { timeout: 30_000 }, async () => {
    const result = await runGraph('fuse-blocks');
    const [losses] = valuesOf(result, 'losses', 'Table').values();
    expect(measured(losses!).loss).toBeLessThan(0.2);
    for (const table of valuesOf(result, 'perplexity', 'Table').values()) {
      const { perplexity, loss } = measured(table);
      expect(perplexity).toBeCloseTo(Math.exp(loss!), 3);
      expect(perplexity).toBeGreaterThan(10);
    }
    for (const table of valuesOf(result, 'masked', 'Table').values()) {
      const values = measured(table);
      expect(values['log likelihood']).toBeCloseTo(values['token at 2']! + values['token at 4']!, 5);
    }
    expect(valuesOf(result, 'prefixLoss', 'Table').size).toBe(2);
  });
});
