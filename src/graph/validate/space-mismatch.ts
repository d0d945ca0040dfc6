/** Rule: embeddings are only compared within one space, that of one checkpoint. */
import { WeftError } from '../../errors.ts';
import type { SocketType } from '../../protocol/socket.ts';
import type { LinkMismatch } from '../resolve-types.ts';

export function spaceMismatch({ node, socket, from, output, expected, received }: LinkMismatch): WeftError {
  const details = { node, socket, expected: spaceOf(expected), received: spaceOf(received), from, output };
  return new WeftError('graph/space-mismatch', details);
}

function spaceOf(type: SocketType): string {
  return type.kind === 'Embedding' && typeof type.space === 'string' ? type.space : 'unknown';
}
