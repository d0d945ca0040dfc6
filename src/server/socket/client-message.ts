/** A WebSocket frame as a ClientMessage, or the error that says what is wrong with it. Pure. */
import { WeftError } from '../../errors.ts';
import { type ClientMessage, clientMessageSchema } from '../../protocol/socket-message.ts';
import { describe, parseBody } from '../request-body.ts';

export type MessageId = string | number | null;

/** Names of the messages, for the error that lists them. */
const TYPES: readonly string[] = clientMessageSchema.options.map((option) => option.shape.type.value);

/** Carries the id of the message it refuses, so that the client knows which one. */
export class RefusedMessage extends Error {
  readonly id: MessageId;
  readonly reason: WeftError;

  constructor(id: MessageId, reason: WeftError) {
    super(reason.message);
    this.id = id;
    this.reason = reason;
  }
}

/** Throws RefusedMessage, and nothing else. */
export function parseClientMessage(frame: Buffer, isBinary: boolean, limitBytes: number): ClientMessage {
  if (frame.length > limitBytes) {
    const details = { limit: `${limitBytes} bytes`, what: 'a message', received: `${frame.length}` };
    throw new RefusedMessage(null, new WeftError('input/too-large', details));
  }
  if (isBinary) throw refusal(null, 'JSON text', 'the message', 'binary data');
  const message = parseJson(frame);
  const id = idOf(message);
  const type = (message as { type?: unknown } | null)?.type;
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    throw refusal(id, TYPES.map((name) => `"${name}"`).join(', '), '"type" of the message', describe(type));
  }
  try {
    return parseBody(clientMessageSchema, message, 'the message');
  } catch (error) {
    throw error instanceof WeftError ? new RefusedMessage(id, error) : error;
  }
}

function parseJson(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString('utf8'));
  } catch {
    throw refusal(null, 'JSON text', 'the message', describe(frame.toString('utf8', 0, 80)));
  }
}

function idOf(message: unknown): MessageId {
  const id = (message as { id?: unknown } | null)?.id;
  return typeof id === 'number' || (typeof id === 'string' && id.length <= 64) ? id : null;
}

function refusal(id: MessageId, expected: string, where: string, received: string): RefusedMessage {
  return new RefusedMessage(id, new WeftError('server/bad-request', { expected, where, received }));
}
