/**
 * WebSocket messages at /ws. Browser-safe leaf; docs/protocol.md explains each.
 *
 * The client asks (ClientMessage, JSON text); the server answers each with one Reply, and sends the run events of
 * subscribed runs as they happen (RunEvent<JsonValue>, JSON text) and pictures as binary preview frames.
 * The first subprotocol is `weft.1`; the token comes as a second one, `token.TOKEN`, because browsers cannot set headers.
 */
import { z } from 'zod';
import type { ErrorShape } from '../errors.ts';
import type { RunEvent } from './event.ts';
import { submitSchema } from './http.ts';
import type { JsonValue } from './json-value.ts';

export const SUBPROTOCOL = 'weft.1';
export const TOKEN_PREFIX = 'token.';

const id = z.union([z.string().max(64), z.number()]);

export const clientMessageSchema = z.discriminatedUnion('type', [
  /** Starts a run and subscribes to it. */
  submitSchema.extend({ type: z.literal('submit'), id, previews: z.boolean().optional() }),
  /** Events of a run from number `from`, those already past included. */
  z.strictObject({
    type: z.literal('subscribe'),
    id,
    run: z.string(),
    from: z.number().int().min(0).optional(),
    previews: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id, run: z.string() }),
  z.strictObject({ type: z.literal('cancel'), id, run: z.string() }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

export type Reply =
  | { readonly type: 'reply'; readonly id: string | number | null; readonly run: string }
  | { readonly type: 'reply'; readonly id: string | number | null; readonly error: ErrorShape };

export type WireEvent = RunEvent<JsonValue>;
export type ServerMessage = Reply | WireEvent;

/** Header of a binary preview frame: uint32 little-endian length of this JSON, the JSON in UTF-8, then the picture. */
export interface PreviewHeader {
  readonly run: string;
  /** The `node.output` event this picture belongs to. */
  readonly seq: number;
  readonly node: string;
  readonly output: string;
  readonly item?: { readonly index: number; readonly key: string };
  readonly mime: string;
}

export function encodePreview(header: PreviewHeader, picture: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const frame = new Uint8Array(4 + json.length + picture.length);
  new DataView(frame.buffer).setUint32(0, json.length, true);
  frame.set(json, 4);
  frame.set(picture, 4 + json.length);
  return frame;
}

export function decodePreview(frame: Uint8Array): { header: PreviewHeader; picture: Uint8Array } {
  const length = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(frame.subarray(4, 4 + length))) as PreviewHeader;
  return { header, picture: frame.subarray(4 + length) };
}
