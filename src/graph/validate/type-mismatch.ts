/** Rule: what a link carries is of the kind that its socket takes. */
import { WeftError } from '../../errors.ts';
import { formatSocketType, type SocketType } from '../../protocol/socket.ts';
import { bridgeNodes } from '../bridge-nodes.ts';
import type { LinkMismatch } from '../resolve-types.ts';
import { isKindAssignable } from '../socket-match.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function typeMismatch(
  checked: CheckedGraph,
  { node, socket, from, output, expected, received }: LinkMismatch,
): WeftError {
  const hint = hintFor(checked, from, received, expected);
  const details = {
    node,
    socket,
    expected: formatSocketType(expected),
    received: formatSocketType(received),
    from,
    output,
    hint,
  };
  return new WeftError('graph/type-mismatch', details);
}

function hintFor({ nodes, lookup }: CheckedGraph, from: string, received: SocketType, expected: SocketType): string {
  const siblings = Object.entries(nodes.get(from)?.descriptor?.outputs ?? {});
  const fitting = siblings.find(
    ([, { type }]) => type.kind !== received.kind && isKindAssignable(type.kind, expected.kind),
  );
  if (fitting !== undefined) return `Wire "${from}.${fitting[0]}" into it instead.`;
  const between = bridgeNodes(received.kind, expected.kind, lookup.catalogue ?? []);
  if (between !== undefined && received.kind !== expected.kind) return `Put ${between.join(', then ')} between.`;
  return `Wire an output of type ${formatSocketType(expected)} into it.`;
}
