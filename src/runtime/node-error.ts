/** Whatever a node threw, as the error a person meets: with node and item, and the cause kept for the log. */
import { WeftError } from '../errors.ts';

const MAX_REASON = 300;

export function nodeError(thrown: unknown, node: string, type: string, item: string | undefined): WeftError {
  if (thrown instanceof WeftError) return thrown.at({ node, item });
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  const reason = message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, MAX_REASON);
  return new WeftError('run/node-failed', { node, type, reason }, { cause: thrown, item });
}
