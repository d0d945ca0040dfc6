/**
 * HTTP bodies of the API under /api. Browser-safe leaf; docs/protocol.md explains each.
 *
 * GET /api/nodes -> NodeDescriptor[]          GET /api/models -> ModelInfo[]       GET /api/graphs -> GraphEntry[]
 * GET /api/graphs/:name -> GraphDocument      PUT /api/graphs/:name SaveGraph -> GraphEntry
 * POST /api/validate ValidateRequest -> ValidateReply
 * POST /api/runs SubmitRequest -> SubmitReply GET /api/runs/:id -> RunReply        DELETE /api/runs/:id -> 204
 * POST /api/uploads?name=FILE (bytes) -> UploadReply                               GET /api/health -> { status: 'ok', version }
 * Errors: ErrorReply with the status of the catalogue.
 */
import { z } from 'zod';
import type { ErrorShape } from '../errors.ts';
import type { GraphEntry } from './application.ts';
import type { ItemRef } from './event.ts';
import { type Graph, paramValueSchema } from './graph-file.ts';
import type { JsonValue } from './json-value.ts';
import type { RunStatus } from './run.ts';

/** The graph itself is checked by the runtime, so that its errors come with node and socket. */
const graphBody = z.record(z.string(), z.unknown());

export const submitSchema = z.strictObject({
  graph: graphBody,
  set: z.record(z.string(), paramValueSchema).optional(),
  outputs: z.array(z.string()).optional(),
});
export type SubmitRequest = z.infer<typeof submitSchema>;

export const validateSchema = z.strictObject({
  graph: graphBody,
  set: z.record(z.string(), paramValueSchema).optional(),
});
export type ValidateRequest = z.infer<typeof validateSchema>;

export const saveGraphSchema = z.strictObject({ graph: graphBody, revision: z.string().optional() });
export type SaveGraph = z.infer<typeof saveGraphSchema>;

export interface ErrorReply {
  readonly error: ErrorShape;
}

export interface SubmitReply {
  readonly run: string;
}

export interface ValidateReply {
  readonly errors: readonly ErrorShape[];
}

export interface RunReply {
  readonly run: string;
  readonly status: RunStatus;
  readonly outputs: Readonly<Record<string, readonly { item?: ItemRef; value: JsonValue }[]>>;
  readonly failures: readonly { node: string; item?: ItemRef; error: ErrorShape }[];
  readonly error?: ErrorShape;
}

export interface UploadReply {
  readonly ref: string;
  readonly width: number;
  readonly height: number;
}

export interface GraphDocument extends GraphEntry {
  readonly graph: Graph;
}
