/** Rule: sizes agree, within a socket and among the sockets of a node that share a dimension. */
import { WeftError } from '../../errors.ts';
import { formatSocketType } from '../../protocol/socket.ts';
import type { LinkMismatch } from '../resolve-types.ts';

export function shapeMismatch({ node, socket, from, output, expected, received }: LinkMismatch): WeftError {
  const details = {
    node,
    socket,
    expected: formatSocketType(expected),
    received: formatSocketType(received),
    from,
    output,
  };
  return new WeftError('graph/shape-mismatch', details);
}
