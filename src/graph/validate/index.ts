/**
 * Everything that can be known to be wrong with a graph before it runs, all at once.
 * Pure; no node: imports: the editor and the runtime call the same code.
 */
import type { WeftError } from '../../errors.ts';
import type { Graph } from '../../protocol/graph-file.ts';
import type { NodeLookup } from '../lookup.ts';
import { badParameter } from './bad-parameter.ts';
import { badSignature } from './bad-signature.ts';
import { checkedGraph, type Rule } from './checked-graph.ts';
import { cycle } from './cycle.ts';
import { danglingLink } from './dangling-link.ts';
import { linksFit } from './links-fit.ts';
import { missingInput } from './missing-input.ts';
import { missingModel } from './missing-model.ts';
import { noOutput } from './no-output.ts';
import { unknownInput } from './unknown-input.ts';
import { unknownOutput } from './unknown-output.ts';
import { unknownParameter } from './unknown-parameter.ts';
import { unknownType } from './unknown-type.ts';

const RULES: readonly Rule[] = [
  unknownType,
  danglingLink,
  unknownOutput,
  unknownInput,
  missingInput,
  linksFit,
  cycle,
  unknownParameter,
  badParameter,
  missingModel,
  badSignature,
  noOutput,
];

export function validateGraph(graph: Graph, lookup: NodeLookup): WeftError[] {
  const checked = checkedGraph(graph, lookup);
  return RULES.flatMap((rule) => rule(checked));
}

/** The same, rule by rule, for a caller who must let others run in between. */
export function* validateInSteps(graph: Graph, lookup: NodeLookup): Generator<readonly WeftError[]> {
  const checked = checkedGraph(graph, lookup);
  for (const rule of RULES) yield rule(checked);
}
