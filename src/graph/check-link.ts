/**
 * Whether a wire that a person is drawing may be drawn: the validator asked about the graph with that wire in it.
 * Pure; no node: imports.
 */
import type { WeftError } from '../errors.ts';
import type { Graph, Link } from '../protocol/graph-file.ts';
import type { NodeLookup } from './lookup.ts';
import { checkedGraph } from './validate/checked-graph.ts';
import { cycle } from './validate/cycle.ts';
import { danglingLink } from './validate/dangling-link.ts';
import { linksFit } from './validate/links-fit.ts';
import { unknownInput } from './validate/unknown-input.ts';
import { unknownOutput } from './validate/unknown-output.ts';

const RULES = [danglingLink, unknownOutput, unknownInput, linksFit, cycle];

/**
 * The reason to refuse the link `from` [node, output] -> `to` [node, input], or undefined.
 * A link already in that input is replaced. Errors that the graph has without it do not count, those it causes elsewhere do.
 */
export function checkLink(graph: Graph, lookup: NodeLookup, from: Link, to: Link): WeftError | undefined {
  const [node, socket] = to;
  const target = Object.hasOwn(graph.nodes, node) ? graph.nodes[node] : undefined;
  const { [socket]: _replaced, ...others } = target?.in ?? {};
  const without: Graph = { ...graph, nodes: { ...graph.nodes } };
  const trial: Graph = { ...graph, nodes: { ...graph.nodes } };
  // A target that does not exist becomes one of unknown type: nothing fits it, and the caller learns nothing false.
  without.nodes[node] = { ...(target ?? { type: '' }), in: others };
  trial.nodes[node] = { ...(target ?? { type: '' }), in: { ...others, [socket]: from } };
  const known = new Set(linkErrors(without, lookup).map(identity));
  const caused = linkErrors(trial, lookup).filter((error) => !known.has(identity(error)));
  return caused.find((error) => error.node === node && error.socket === socket) ?? caused[0];
}

function linkErrors(graph: Graph, lookup: NodeLookup): WeftError[] {
  const checked = checkedGraph(graph, lookup);
  return RULES.flatMap((rule) => rule(checked));
}

function identity(error: WeftError): string {
  return `${error.code} ${error.message}`;
}
