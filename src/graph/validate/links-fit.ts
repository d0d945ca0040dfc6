/** Runs the type resolver once and gives each misfit to the rule that words it. */
import type { WeftError } from '../../errors.ts';
import { resolveTypes } from '../resolve-types.ts';
import type { CheckedGraph } from './checked-graph.ts';
import { shapeMismatch } from './shape-mismatch.ts';
import { spaceMismatch } from './space-mismatch.ts';
import { typeMismatch } from './type-mismatch.ts';

export function linksFit(checked: CheckedGraph): WeftError[] {
  return resolveTypes(checked.graph, checked.lookup).mismatches.map((misfit) => {
    if (misfit.mismatch === 'shape') return shapeMismatch(misfit);
    return misfit.mismatch === 'space' ? spaceMismatch(misfit) : typeMismatch(checked, misfit);
  });
}
