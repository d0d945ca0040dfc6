import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/nodes/registry.ts';
import type { NodeDescriptor } from '../../src/protocol/node.ts';
import { type NodeFacts, nodeViolations, strayNodeFiles } from './nodes.ts';
import { listFiles, readSources, repositoryRoot } from './source-tree.ts';

const paths = new Set(listFiles(/^(src|test)\/nodes\//));
const graphs = readSources(/^graphs\/[^/]+\.json$/).map((file) => file.text);

function facts({ type, doc, summary, params, inputs, outputs }: NodeDescriptor): NodeFacts {
  const parts = Object.entries({ ...params, ...inputs, ...outputs });
  return { type, doc, summary, partDocs: Object.fromEntries(parts.map(([name, spec]) => [name, spec.doc])) };
}

describe('nodes', () => {
  it('are complete, each of them', () => {
    const documentation = readFileSync(join(repositoryRoot, 'docs/nodes.md'), 'utf8');
    expect(registry.size).toBeGreaterThan(10);
    const found = [...registry.values()].flatMap((node) =>
      nodeViolations(facts(node), { paths, documentation, graphs }),
    );
    expect(found).toEqual([]);
  });

  it('leave no stray file', () => {
    expect(strayNodeFiles([...paths], new Set(registry.keys()))).toEqual([]);
  });

  it('are registered under their own name', () => {
    for (const [type, node] of registry) expect(node.type).toBe(type);
  });

  it('is red on bad samples', () => {
    const bad = { type: 'head/Bad', doc: '', summary: '', partDocs: { k: '' } };
    expect(nodeViolations(bad, { paths: new Set(), documentation: '', graphs: [] })).toHaveLength(8);
    expect(strayNodeFiles(['src/nodes/head/lost.ts', 'src/nodes/registry.ts'], new Set())).toEqual([
      'src/nodes/head/lost.ts',
    ]);
  });
});
