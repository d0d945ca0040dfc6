/**
 * The document: one immutable graph and the steps that led to it. Must not know the page or the server.
 * Steps with the same merge key that follow closely (typing, dragging a slider) become one.
 */
import type { Graph } from '../../../src/protocol/index.ts';
import type { Command } from './commands.ts';

interface Step {
  readonly label: string;
  readonly before: Graph;
  readonly after: Graph;
}

const MERGE_MILLISECONDS = 1500;
const MAX_STEPS = 500;

export class History {
  #graph: Graph;
  #past: Step[] = [];
  #future: Step[] = [];
  #saved: Graph;
  #mergeKey: string | undefined;
  #mergeTime = 0;
  readonly #now: () => number;

  constructor(graph: Graph, now: () => number = () => performance.now()) {
    this.#graph = graph;
    this.#saved = graph;
    this.#now = now;
  }

  get graph(): Graph {
    return this.#graph;
  }

  /** Whether something would be lost by leaving. */
  get isDirty(): boolean {
    return this.#graph !== this.#saved;
  }

  get undoLabel(): string | undefined {
    return this.#past.at(-1)?.label;
  }

  get redoLabel(): string | undefined {
    return this.#future.at(-1)?.label;
  }

  /** Does a step; returns false when it changed nothing. */
  apply(label: string, command: Command, mergeKey?: string): boolean {
    const before = this.#graph;
    const after = command(before);
    if (after === before) return false;
    const now = this.#now();
    const last = this.#past.at(-1);
    const merges = mergeKey !== undefined && mergeKey === this.#mergeKey && now - this.#mergeTime < MERGE_MILLISECONDS;
    if (merges && last !== undefined) this.#past[this.#past.length - 1] = { label, before: last.before, after };
    else this.#past.push({ label, before, after });
    if (this.#past.length > MAX_STEPS) this.#past.shift();
    this.#future = [];
    this.#graph = after;
    this.#mergeKey = mergeKey;
    this.#mergeTime = now;
    return true;
  }

  undo(): string | undefined {
    const step = this.#past.pop();
    if (step === undefined) return undefined;
    this.#future.push(step);
    this.#graph = step.before;
    this.#mergeKey = undefined;
    return step.label;
  }

  redo(): string | undefined {
    const step = this.#future.pop();
    if (step === undefined) return undefined;
    this.#past.push(step);
    this.#graph = step.after;
    this.#mergeKey = undefined;
    return step.label;
  }

  /** Another document: its history starts here. */
  reset(graph: Graph): void {
    this.#graph = graph;
    this.#saved = graph;
    this.#past = [];
    this.#future = [];
    this.#mergeKey = undefined;
  }

  markSaved(): void {
    this.#saved = this.#graph;
  }
}
