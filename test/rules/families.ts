/** The rule of families: each has a saved graph that a test executes. Pure. */
import type { FamilyDefinition } from '../../src/models/pipelines/family.ts';

type Facts = Pick<FamilyDefinition, 'name' | 'title' | 'modelTypes' | 'architectures' | 'checkpoints' | 'graph'>;

export interface FamilySurroundings {
  /** Names of the saved graphs, without `.json`. */
  readonly graphs: ReadonlySet<string>;
  /** Names of those that the test of all families executes. */
  readonly executed: ReadonlySet<string>;
}

export function familyViolations(families: readonly Facts[], { graphs, executed }: FamilySurroundings): string[] {
  const found: string[] = [];
  const readers = new Map<string, string>();
  for (const { name, modelTypes, architectures, checkpoints, graph } of families) {
    if (!graphs.has(graph)) found.push(`${name}: no graphs/${graph}.json`);
    if (!executed.has(graph)) found.push(`${name}: graphs/${graph}.json is in no entry of test/graphs/family-runs.ts`);
    if (Object.keys(architectures).length === 0) found.push(`${name}: no class`);
    if (checkpoints.length === 0) found.push(`${name}: no published checkpoint`);
    for (const type of modelTypes) {
      const other = readers.get(type);
      if (other !== undefined) found.push(`${name}: "${type}" is ${other}'s as well`);
      readers.set(type, name);
    }
  }
  return found;
}
