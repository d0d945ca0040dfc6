import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../src/models/pipelines/registry.ts';
import { FAMILY_RUNS } from '../graphs/family-runs.ts';
import { familyViolations } from './families.ts';
import { listFiles } from './source-tree.ts';

const graphs = new Set(listFiles(/^graphs\/[^/]+\.json$/).map((path) => path.slice('graphs/'.length, -'.json'.length)));

describe('families', () => {
  it('have a saved graph each, which a test executes, and share no model_type', () => {
    expect(FAMILIES.length).toBeGreaterThan(10);
    expect(familyViolations(FAMILIES, { graphs, executed: new Set(Object.keys(FAMILY_RUNS)) })).toEqual([]);
  });

  it('have every entry of the test executed on a graph that is there', () => {
    expect(Object.keys(FAMILY_RUNS).filter((name) => !graphs.has(name))).toEqual([]);
  });

  it('is red on bad samples', () => {
    const bare = { name: 'a', title: 'A', modelTypes: ['x'], architectures: {}, checkpoints: [], graph: 'a-b' };
    const twice = [bare, { ...bare, name: 'b' }];
    expect(familyViolations(twice, { graphs: new Set(), executed: new Set() })).toHaveLength(9);
  });
});
