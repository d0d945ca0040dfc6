/**
 * The one door through which older graph files become current ones. Pure; no node: imports.
 * It looks at nothing but the version; the schema checks the rest afterwards.
 */
import { WeftError } from '../errors.ts';
import { GRAPH_VERSION } from '../protocol/graph-file.ts';
import { badShape } from './schema-issues.ts';

export type RawGraph = Readonly<Record<string, unknown>>;

/** `steps[n]` turns a graph of version n into one of version n + 1; it must set `weft` itself. */
export type MigrationSteps = Readonly<Record<number, (graph: RawGraph) => RawGraph>>;

/** Version 1 is the first one, so there is nothing to bring forward yet. */
const STEPS: MigrationSteps = {};

/** Throws `graph/unsupported-version` for a newer file, `graph/bad-shape` when the version is missing or no number. */
export function migrateGraph(graph: RawGraph, steps: MigrationSteps = STEPS, target: number = GRAPH_VERSION): RawGraph {
  let current = graph;
  for (;;) {
    const version = Object.hasOwn(current, 'weft') ? current.weft : undefined;
    if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
      throw badShape(`the version of the graph format (${target})`, ['weft'], current);
    }
    if (version === target) return current;
    const step = version < target ? steps[version] : undefined;
    if (step === undefined) throw new WeftError('graph/unsupported-version', { supported: target, version });
    current = step(current);
  }
}
