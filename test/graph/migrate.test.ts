import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../src/graph/index.ts';
import { migrateGraph } from '../../src/graph/migrate.ts';

describe('migrateGraph', () => {
  it('returns a current graph as it is', () => {
    const graph = { weft: 1, name: 'x', nodes: {} };
    expect(migrateGraph(graph)).toBe(graph);
  });

  it('refuses a newer version and names both', () => {
    const act = (): unknown => parseGraph({ weft: 2, name: 'x', nodes: {} });
    expect(act).toThrow(
      expect.objectContaining({ code: 'graph/unsupported-version', details: { supported: 1, version: 2 } }),
    );
  });

  it.each([[undefined], ['1'], [0], [1.5], [null]])('refuses %j as a version', (weft) => {
    expect(() => parseGraph({ weft, name: 'x', nodes: {} })).toThrow(
      expect.objectContaining({ code: 'graph/bad-shape' }),
    );
  });

  it('brings an old graph forward step by step', () => {
    const steps = {
      1: (graph: object) => ({ ...graph, weft: 2, seen: ['one'] }),
      2: (graph: object) => ({ ...graph, weft: 3, seen: [...(graph as { seen: string[] }).seen, 'two'] }),
    };
    expect(migrateGraph({ weft: 1 }, steps, 3)).toEqual({ weft: 3, seen: ['one', 'two'] });
    expect(() => migrateGraph({ weft: 4 }, steps, 3)).toThrow(
      expect.objectContaining({ code: 'graph/unsupported-version' }),
    );
  });
});
