/** A run as the one JSON document of `--json`. Pure. */
import { type ErrorShape, toWeftError } from '../errors.ts';
import type { ItemRef } from '../protocol/event.ts';
import { type JsonValue, valueToJson } from '../protocol/json-value.ts';
import type { Failure, RunResult } from '../protocol/run.ts';

export interface RunDocument {
  readonly graph: string;
  readonly outputs: Readonly<Record<string, readonly { readonly item?: ItemRef; readonly value: JsonValue }[]>>;
  readonly failures: readonly Failure[];
  /** Null when the run never began. */
  readonly run: { readonly id: string; readonly status: RunResult['status']; readonly milliseconds: number } | null;
  readonly error?: ErrorShape;
}

export function runDocument(graph: string, result: RunResult): RunDocument {
  const outputs = Object.entries(result.outputs).map(([name, items]) => [
    name,
    items.map(({ item, value }) => ({ ...(item === undefined ? {} : { item }), value: valueToJson(value) })),
  ]);
  return {
    graph,
    outputs: Object.fromEntries(outputs),
    failures: result.failures,
    run: { id: result.run, status: result.status, milliseconds: Math.round(result.milliseconds) },
    ...(result.error === undefined ? {} : { error: result.error.toJSON() }),
  };
}

/** The same document for a command that ended before a run began. */
export function failedDocument(graph: string, thrown: unknown): RunDocument {
  return { graph, outputs: {}, failures: [], run: null, error: toWeftError(thrown).toJSON() };
}
