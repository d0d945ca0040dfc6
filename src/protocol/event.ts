/**
 * Run events: the only thing a run tells, in process and over the WebSocket alike.
 * Browser-safe leaf. In process `V` is a live Value; on the wire it is a JsonValue and pictures follow as preview frames.
 */
import type { ErrorShape } from '../errors.ts';
import type { Value } from './value.ts';

/** One item of a list; absent for a node that was not mapped over one. */
export interface ItemRef {
  readonly index: number;
  /** A file name or a label: how results name the item. */
  readonly key: string;
}

export type RunEventBody<V = Value> =
  | { readonly type: 'run.queued'; readonly graph: string; readonly outputs: readonly string[] }
  | { readonly type: 'run.started'; readonly nodes: readonly string[] }
  | { readonly type: 'node.started'; readonly node: string; readonly item?: ItemRef }
  | { readonly type: 'node.cached'; readonly node: string; readonly item?: ItemRef }
  | {
      readonly type: 'node.progress';
      readonly node: string;
      readonly item?: ItemRef;
      readonly done: number;
      readonly total?: number;
      readonly note?: string;
      /** By output, what there is of it so far. Of a table only rows that are new; some may be missing until the output. */
      readonly partial?: Readonly<Record<string, V>>;
    }
  | {
      readonly type: 'node.output';
      readonly node: string;
      readonly output: string;
      readonly item?: ItemRef;
      readonly value: V;
      /** Set on replay when the run has let go of the data: the value's arrays are empty, its sizes and names remain. */
      readonly released?: true;
    }
  /** One item (or the node's only call) failed; its siblings go on. */
  | { readonly type: 'node.failed'; readonly node: string; readonly item?: ItemRef; readonly error: ErrorShape }
  | {
      readonly type: 'node.finished';
      readonly node: string;
      readonly items: number;
      readonly failed: number;
      readonly cached: number;
      readonly milliseconds: number;
    }
  /** The run came to its end; `failures` items are missing from the outputs. */
  | { readonly type: 'run.finished'; readonly failures: number; readonly milliseconds: number }
  /** Nothing was run, or no requested output could be made. */
  | { readonly type: 'run.failed'; readonly error: ErrorShape }
  | { readonly type: 'run.cancelled'; readonly reason: string };

export interface EventStamp {
  readonly run: string;
  /** 0, 1, 2, … without gaps within a run. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export type RunEvent<V = Value> = EventStamp & RunEventBody<V>;

export type RunEventType = RunEventBody['type'];

export function isLastEvent(event: RunEventBody<unknown>): boolean {
  return event.type === 'run.finished' || event.type === 'run.failed' || event.type === 'run.cancelled';
}
