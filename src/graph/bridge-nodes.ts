/**
 * Which nodes put between two sockets would turn one type into another: the hint of a refused wire.
 * Pure; no node: imports.
 */
import type { NodeDescriptor } from '../protocol/node.ts';
import type { SocketKind } from '../protocol/socket.ts';
import { isKindAssignable } from './socket-match.ts';

/** More than this many nodes between is no hint any more. */
const MAX_NODES = 3;

/** The shortest chain of node types from `from` to `to`, each needing only the one wire; undefined when there is none. */
export function bridgeNodes(
  from: SocketKind,
  to: SocketKind,
  catalogue: Iterable<NodeDescriptor>,
): string[] | undefined {
  const converters = [...catalogue].filter((descriptor) => neededKinds(descriptor).length === 1);
  const seen = new Set<SocketKind>([from]);
  let front: { kind: SocketKind; path: string[] }[] = [{ kind: from, path: [] }];
  for (let length = 0; length < MAX_NODES && front.length > 0; length++) {
    const next: typeof front = [];
    for (const { kind, path } of front) {
      for (const descriptor of converters) {
        // A socket that takes anything makes nothing specific of it.
        const wanted = neededKinds(descriptor)[0]!;
        if (wanted === 'Any' || !isKindAssignable(kind, wanted)) continue;
        for (const { type } of Object.values(descriptor.outputs)) {
          if (isKindAssignable(type.kind, to)) return [...path, descriptor.type];
          if (seen.has(type.kind)) continue;
          seen.add(type.kind);
          next.push({ kind: type.kind, path: [...path, descriptor.type] });
        }
      }
    }
    front = next;
  }
  return undefined;
}

function neededKinds({ inputs }: NodeDescriptor): SocketKind[] {
  return Object.values(inputs)
    .filter((spec) => spec.optional !== true)
    .map((spec) => spec.type.kind);
}
