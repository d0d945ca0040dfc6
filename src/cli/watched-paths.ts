/** The files a graph's result depends on: what `--watch` looks at. Asks the disk only whether they exist. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createLookup, setInputs } from '../graph/index.ts';
import type { Graph } from '../protocol/graph-file.ts';
import type { NodeDescriptor } from '../protocol/node.ts';
import type { ParamValue } from '../protocol/param.ts';
import { fixedPart } from './named-paths.ts';

/** Existing paths that source and model parameters name; of a glob, the folder before its first wildcard. */
export function inputPaths(
  graph: Graph,
  set: Readonly<Record<string, ParamValue>>,
  nodes: readonly NodeDescriptor[],
  bases: readonly string[],
): string[] {
  const lookup = createLookup(nodes);
  const complete = setInputs(graph, set, lookup).graph;
  const paths = new Set<string>();
  for (const { type, params } of Object.values(complete.nodes)) {
    for (const [name, spec] of Object.entries(lookup.node(type)?.params ?? {})) {
      if (spec.kind !== 'source' && spec.kind !== 'model') continue;
      const value = params?.[name] ?? spec.default;
      if (typeof value !== 'string' || /^\w{2,}:/.test(value)) continue;
      const found = bases.map((base) => resolve(base, fixedPart(value))).find((path) => existsSync(path));
      if (found !== undefined) paths.add(found);
    }
  }
  return [...paths];
}
