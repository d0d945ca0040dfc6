/** Gives values to the declared inputs of a graph. Pure; no node: imports. Never changes the graph it is given. */
import { WeftError } from '../errors.ts';
import type { Graph } from '../protocol/graph-file.ts';
import type { ParamValue } from '../protocol/param.ts';
import type { NodeLookup } from './lookup.ts';
import { own } from './own.ts';
import { checkParam, convertParam } from './params.ts';
import { suggestion } from './suggest.ts';
import { parameterError } from './validate/bad-parameter.ts';

export interface SetGraph {
  readonly graph: Graph;
  /** Names that are no input, and values that do not fit; validating the graph would not tell the first. */
  readonly errors: readonly WeftError[];
}

/** Texts are converted as the parameter's kind says; a value that does not fit is an error and is not set. */
export function setInputs(
  graph: Graph,
  set: Readonly<Record<string, ParamValue>> | undefined,
  lookup: NodeLookup,
): SetGraph {
  const names = Object.keys(set ?? {});
  if (set === undefined || names.length === 0) return { graph, errors: [] };
  const errors: WeftError[] = [];
  const nodes = { ...graph.nodes };
  for (const name of names) {
    const input = own(graph.inputs, name);
    if (input === undefined) {
      const inputs = Object.keys(graph.inputs ?? {});
      const details = { name, suggestion: suggestion(name, inputs), inputs: inputs.length === 0 ? 'none' : inputs };
      errors.push(new WeftError('graph/unknown-graph-input', details));
      continue;
    }
    for (const target of [input, ...(input.also ?? [])]) {
      const node = own(nodes, target.node);
      const spec = node === undefined ? undefined : own(lookup.node(node.type)?.params, target.param);
      // A signature that points nowhere is told by validation.
      if (node === undefined || spec === undefined) continue;
      const value = convertParam(spec, set[name]!);
      const problem = checkParam(spec, value);
      if (problem !== undefined) errors.push(parameterError(target.node, target.param, problem));
      else nodes[target.node] = { ...node, params: { ...node.params, [target.param]: asStored(value) } };
    }
  }
  return { graph: { ...graph, nodes }, errors };
}

/** The graph type's own lists are mutable; the copy also keeps the caller's list out of the graph. */
function asStored(value: ParamValue): NonNullable<Graph['nodes'][string]['params']>[string] {
  return typeof value === 'object' ? ([...value] as string[] | number[]) : value;
}

/** Checks names of outputs that a run asks for. */
export function checkOutputNames(graph: Graph, names: readonly string[] | undefined): WeftError[] {
  const outputs = Object.keys(graph.outputs ?? {});
  return (names ?? [])
    .filter((name) => !outputs.includes(name))
    .map((name) => {
      const details = { name, suggestion: suggestion(name, outputs), outputs: outputs.length === 0 ? 'none' : outputs };
      return new WeftError('graph/unknown-graph-output', details);
    });
}
