/** How far a run has come, folded from its events. Pure: draws nothing. */
import type { RunEvent } from '../protocol/event.ts';

export interface RunProgress {
  /** Nodes that will run; 0 until the run has started. */
  readonly total: number;
  readonly finished: number;
  /** What the node that spoke last is doing: `encode 12/40`. */
  readonly activity: string;
}

interface NodeProgress {
  items: number;
  failed: number;
}

export class ProgressFold {
  readonly #nodes = new Map<string, NodeProgress>();
  #total = 0;
  #finished = 0;
  #activity = '';

  get state(): RunProgress {
    return { total: this.#total, finished: this.#finished, activity: this.#activity };
  }

  add(event: RunEvent): void {
    switch (event.type) {
      case 'run.started':
        this.#total = event.nodes.length;
        return;
      case 'node.started':
      case 'node.cached':
        this.#activity = describe(event.node, this.#of(event.node));
        return;
      case 'node.progress':
        this.#activity = progressText(event);
        return;
      case 'node.failed':
        this.#of(event.node).failed += 1;
        this.#activity = describe(event.node, this.#of(event.node));
        return;
      case 'node.output':
        if (event.item !== undefined) {
          this.#of(event.node).items = Math.max(this.#of(event.node).items, event.item.index + 1);
        }
        this.#activity = describe(event.node, this.#of(event.node));
        return;
      case 'node.finished':
        this.#finished += 1;
        return;
      default:
        return;
    }
  }

  #of(node: string): NodeProgress {
    const known = this.#nodes.get(node) ?? { items: 0, failed: 0 };
    this.#nodes.set(node, known);
    return known;
  }
}

function describe(node: string, { items, failed }: NodeProgress): string {
  const parts = [node];
  if (items > 0) parts.push(`${items} done`);
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(', ');
}

function progressText({ node, done, total, note }: Extract<RunEvent, { type: 'node.progress' }>): string {
  const count = total === undefined ? String(done) : `${done}/${total}`;
  return note === undefined ? `${node} ${count}` : `${node} ${count} ${note}`;
}
