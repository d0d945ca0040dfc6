/**
 * What is known of a run, folded from its events: status, and for each node progress, outputs and errors.
 * Pure: events come from the socket, drawing is for others. One object changed in place; listeners are told once a frame.
 */
import { type ErrorShape, isErrorCode } from '../../../src/errors.ts';
import type { ItemRef, JsonValue, WireEvent } from '../../../src/protocol/index.ts';

/** `empty`: nothing came in, so there was nothing to do. */
export type NodeStatus = 'waiting' | 'running' | 'done' | 'cached' | 'failed' | 'empty';
export type RunPhase = 'idle' | 'starting' | 'queued' | 'running' | 'finished' | 'failed' | 'cancelled';

export interface ItemResult {
  readonly index: number;
  /** File name or label; absent for a single item. */
  readonly key?: string;
  readonly value: JsonValue;
  /** The `node.output` event: preview pictures name it. */
  readonly seq: number;
}

export interface ItemError {
  readonly key?: string;
  readonly error: ErrorShape;
}

export class NodeRun {
  status: NodeStatus = 'waiting';
  /** Items begun, ended and failed. */
  started = 0;
  finished = 0;
  cached = 0;
  progress: { done: number; total?: number; note?: string } | undefined;
  milliseconds: number | undefined;
  readonly outputs = new Map<string, Map<number, ItemResult>>();
  /** What is known of outputs that are still being made. */
  readonly partial = new Map<string, Map<number, ItemResult>>();
  readonly errors: ItemError[] = [];

  /** Items of an output, in order; where one is still being made, what there is of it. */
  items(output: string): ItemResult[] {
    const items = new Map([...(this.partial.get(output) ?? []), ...(this.outputs.get(output) ?? [])]);
    return [...items.values()].sort((a, b) => a.index - b.index);
  }

  addPartial(output: string, item: ItemResult): void {
    const items = this.partial.get(output) ?? new Map<number, ItemResult>();
    this.partial.set(output, items);
    const before = items.get(item.index)?.value;
    const { value } = item;
    const isMore = before?.kind === 'Table' && value.kind === 'Table';
    items.set(item.index, isMore ? { ...item, value: { ...value, rows: [...before.rows, ...value.rows] } } : item);
  }

  /** 0 to 1, or undefined when the node does not say. */
  get fraction(): number | undefined {
    const { progress } = this;
    if (progress?.total === undefined || progress.total <= 0) return undefined;
    return Math.min(1, progress.done / progress.total);
  }
}

export class RunState {
  phase: RunPhase = 'idle';
  run: string | undefined;
  /** Next sequence number wanted: where a reconnected socket resumes. */
  nextSeq = 0;
  startedAt: number | undefined;
  milliseconds: number | undefined;
  failures = 0;
  error: ErrorShape | undefined;
  readonly nodes = new Map<string, NodeRun>();
  /** Time of the first event, milliseconds since 1970 by the server's clock. */
  #firstTime: number | undefined;

  get isActive(): boolean {
    return this.phase === 'starting' || this.phase === 'queued' || this.phase === 'running';
  }

  /** A new run was asked for; results of the last one stay visible until their node starts again. */
  begin(now: number): void {
    this.phase = 'starting';
    this.run = undefined;
    this.nextSeq = 0;
    this.#firstTime = undefined;
    this.startedAt = now;
    this.milliseconds = undefined;
    this.failures = 0;
    this.error = undefined;
  }

  /** The server took the run. */
  accepted(run: string): void {
    this.run = run;
  }

  /** The run never started: what the server or the network said. */
  refused(error: ErrorShape, now: number): void {
    this.phase = 'failed';
    this.error = error;
    this.milliseconds = now - (this.startedAt ?? now);
  }

  /** A node was changed: what went wrong before may not go wrong again. */
  forgetErrors(id: string): void {
    const node = this.nodes.get(id);
    if (node === undefined || node.errors.length === 0) return;
    node.errors.length = 0;
    node.status = 'waiting';
  }

  /** Folds one event in; returns false for one already seen or of another run. */
  apply(event: WireEvent): boolean {
    if (event.run !== this.run || event.seq < this.nextSeq) return false;
    this.nextSeq = event.seq + 1;
    this.#firstTime ??= event.time;
    switch (event.type) {
      case 'run.queued':
        this.phase = 'queued';
        break;
      case 'run.started':
        this.phase = 'running';
        for (const id of [...this.nodes.keys()]) if (!event.nodes.includes(id)) this.nodes.delete(id);
        for (const id of event.nodes) this.#waiting(id);
        break;
      case 'node.started': {
        const node = this.#node(event.node);
        if (node.started === 0 && node.cached === 0) this.#restart(node);
        node.started++;
        node.status = 'running';
        break;
      }
      case 'node.cached': {
        const node = this.#node(event.node);
        if (node.started === 0 && node.cached === 0) this.#restart(node);
        node.cached++;
        break;
      }
      case 'node.progress': {
        const { done, total, note } = event;
        this.#node(event.node).progress = {
          done,
          ...(total === undefined ? {} : { total }),
          ...(note === undefined ? {} : { note }),
        };
        for (const [output, value] of Object.entries(event.partial ?? {})) {
          this.#node(event.node).addPartial(output, itemOf(event, value));
        }
        break;
      }
      case 'node.output': {
        const node = this.#node(event.node);
        const items = node.outputs.get(event.output) ?? new Map<number, ItemResult>();
        node.outputs.set(event.output, items);
        const item = itemOf(event, event.value);
        items.set(item.index, item);
        node.partial.get(event.output)?.delete(item.index);
        break;
      }
      case 'node.failed': {
        const node = this.#node(event.node);
        node.errors.push({ error: event.error, ...(event.item === undefined ? {} : { key: event.item.key }) });
        node.status = 'failed';
        this.failures++;
        break;
      }
      case 'node.finished': {
        const node = this.#node(event.node);
        node.finished = event.items;
        node.milliseconds = event.milliseconds;
        node.progress = undefined;
        if (event.failed > 0 || node.errors.length > 0) node.status = 'failed';
        else if (event.items === 0 && node.outputs.size === 0) node.status = 'empty';
        else node.status = event.cached > 0 && event.cached >= event.items ? 'cached' : 'done';
        break;
      }
      case 'run.finished':
        this.#end('finished', event.milliseconds);
        this.failures = event.failures;
        break;
      case 'run.failed':
        this.error = event.error;
        this.#end('failed', event.time - this.#firstTime);
        break;
      case 'run.cancelled':
        this.#end('cancelled', event.time - this.#firstTime);
        break;
    }
    return true;
  }

  #node(id: string): NodeRun {
    let node = this.nodes.get(id);
    if (node === undefined) {
      node = new NodeRun();
      this.nodes.set(id, node);
    }
    return node;
  }

  #waiting(id: string): void {
    const node = this.#node(id);
    node.status = 'waiting';
    node.started = 0;
    node.cached = 0;
    node.progress = undefined;
    node.milliseconds = undefined;
    node.errors.length = 0;
  }

  #restart(node: NodeRun): void {
    node.outputs.clear();
    node.partial.clear();
    node.finished = 0;
  }

  #end(phase: RunPhase, milliseconds: number): void {
    this.phase = phase;
    this.milliseconds = milliseconds;
    for (const node of this.nodes.values()) {
      node.progress = undefined;
      if (node.status === 'running' || node.status === 'waiting')
        node.status = node.outputs.size > 0 ? 'done' : 'waiting';
    }
  }
}

function itemOf({ item, seq }: { readonly item?: ItemRef; readonly seq: number }, value: JsonValue): ItemResult {
  return item === undefined ? { index: 0, value, seq } : { index: item.index, key: item.key, value, seq };
}

/** Every error of a run as a flat list; `graph/invalid` opens into what it holds. */
export function flattenError(error: ErrorShape): readonly ErrorShape[] {
  return error.errors !== undefined && error.errors.length > 0 ? error.errors : [error];
}

/** An answer's body as an error, whatever the server or a proxy in between said. */
export function errorFromBody(body: unknown, status: number): ErrorShape {
  const error = (body as { error?: Partial<ErrorShape> } | null)?.error;
  if (typeof error?.message === 'string' && typeof error.code === 'string' && isErrorCode(error.code)) {
    return error as ErrorShape;
  }
  return {
    code: 'internal',
    message: `The server answered ${status} without an explanation.`,
    remedy: 'See the log of `weft serve`.',
  };
}
