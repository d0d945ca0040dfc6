import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGraph, saveGraph } from '../../src/graph/index.ts';
import { FAMILIES } from '../../src/models/pipelines/registry.ts';
import { registry } from '../../src/nodes/registry.ts';
import { type Graph, graphSchema } from '../../src/protocol/graph-file.ts';
import { FAMILY_RUNS } from './family-runs.ts';
import { graphsFolder, readGraph } from './run-graph.ts';

const names = readdirSync(graphsFolder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

/** Links that do not go from left to right, and nodes without a place. */
function layoutProblems({ nodes, layout = {} }: Graph): string[] {
  return Object.entries(nodes).flatMap(([id, node]) => {
    const place = layout[id];
    if (place === undefined) return [`${id} has no place`];
    return Object.values(node.in ?? {}).flatMap(([from]) => {
      const before = layout[from];
      return before === undefined || before[0] + 200 > place[0] ? [`${from} is not left of ${id}`] : [];
    });
  });
}

describe.each(names)('graphs/%s.json', (name) => {
  const text = readFileSync(join(graphsFolder, `${name}.json`), 'utf8');
  const graph = graphSchema.parse(readGraph(name));

  it('is executed by a test of its name, or by the one of all families', () => {
    const hasOwn = existsSync(join(import.meta.dirname, `${name}.test.ts`));
    expect(hasOwn || Object.hasOwn(FAMILY_RUNS, name)).toBe(true);
  });

  it('is written as the editor would save it', () => {
    expect(saveGraph(graph)).toBe(text);
    expect(parseGraph(text)).toBeDefined();
  });

  it('says what it does and is laid out from left to right', () => {
    expect(graph.description?.length).toBeGreaterThan(60);
    expect(layoutProblems(graph)).toEqual([]);
  });

  it('names models that come with Weft, that a family publishes or that docs/models.md tells to make', () => {
    const published = FAMILIES.flatMap(({ checkpoints }) => checkpoints);
    for (const { type, params = {} } of Object.values(graph.nodes)) {
      const specs = registry.get(type)?.params ?? {};
      for (const [param, value] of Object.entries(params)) {
        expect(specs).toHaveProperty(param);
        if (specs[param]?.kind !== 'model' || published.includes(String(value))) continue;
        expect(value).toMatch(/^(zoo|\.)\/[a-z0-9-]+$/);
        if (String(value).startsWith('.')) expect(graph.description).toContain('docs/models.md');
      }
    }
  });
});

describe('the layout rule', () => {
  it('is red on a node without a place and on a link to the left', () => {
    const graph = graphSchema.parse(readGraph('zero-shot'));
    expect(layoutProblems({ ...graph, layout: {} }).length).toBeGreaterThan(0);
    expect(layoutProblems({ ...graph, layout: { ...graph.layout, head: [0, 0] } }).length).toBeGreaterThan(0);
  });
});
