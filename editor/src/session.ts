/**
 * Everything the editor knows at a moment: catalogue, document, selection, problems, run. Panels read it and call
 * actions; whoever changes it calls `changed()`, and listeners are told once per frame. Must not touch the page.
 */
import type { Graph, GraphEntry, ModelInfo, NodeDescriptor, SocketType } from '../../src/protocol/index.ts';
import { Checker, type Problem } from './document/checks.ts';
import { type Command, emptyGraph, type InputEnd } from './document/commands.ts';
import { History } from './document/history.ts';
import { Pictures } from './run/pictures.ts';
import { RunState } from './run/run-state.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'plain' | 'good' | 'bad';
  readonly text: string;
  readonly detail?: string;
}

/** Where the document is kept on the server; undefined for one that was never saved. */
export type Stored = Pick<GraphEntry, 'name' | 'revision' | 'editable'> | undefined;

/** What the validator says about one state of the document. */
interface Checked {
  readonly graph: Graph;
  readonly checker: Checker;
  readonly list: readonly Problem[];
  readonly byNode: ReadonlyMap<string, readonly Problem[]>;
  readonly types: ReadonlyMap<string, Readonly<Record<string, SocketType>>>;
}

export class Session {
  nodes: readonly NodeDescriptor[] = [];
  models: readonly ModelInfo[] = [];
  graphs: readonly GraphEntry[] = [];
  checker = new Checker([], []);
  readonly history = new History(emptyGraph());
  stored: Stored;
  selection: ReadonlySet<string> = new Set();
  /** The chosen wire, by the input it ends in. */
  wire: InputEnd | undefined;
  readonly run = new RunState();
  readonly pictures = new Pictures(() => this.changed());
  readonly pages = new Map<string, number>();
  isConnected = false;
  toasts: readonly Toast[] = [];
  #byType = new Map<string, NodeDescriptor>();
  #problems: Checked | undefined;
  readonly #listeners = new Set<() => void>();
  #isScheduled = false;
  #nextToast = 1;

  get graph(): Graph {
    return this.history.graph;
  }

  setCatalogue(nodes: readonly NodeDescriptor[], models: readonly ModelInfo[]): void {
    this.nodes = nodes;
    this.models = models;
    this.#byType = new Map(nodes.map((node) => [node.type, node]));
    this.checker = new Checker(nodes, models);
    this.changed();
  }

  descriptor(type: string): NodeDescriptor | undefined {
    return this.#byType.get(type);
  }

  descriptorOf(id: string): NodeDescriptor | undefined {
    const type = this.graph.nodes[id]?.type;
    return type === undefined ? undefined : this.#byType.get(type);
  }

  get problems(): readonly Problem[] {
    return this.#checked().list;
  }

  get problemsByNode(): ReadonlyMap<string, readonly Problem[]> {
    return this.#checked().byNode;
  }

  get outputTypes(): ReadonlyMap<string, Readonly<Record<string, SocketType>>> {
    return this.#checked().types;
  }

  #checked(): Checked {
    if (this.#problems?.graph !== this.graph || this.#problems.checker !== this.checker) {
      const list = this.checker.problems(this.graph);
      const byNode = new Map<string, Problem[]>();
      for (const problem of list) {
        if (problem.node === undefined) continue;
        const known = byNode.get(problem.node);
        if (known === undefined) byNode.set(problem.node, [problem]);
        else known.push(problem);
      }
      const types = this.checker.outputTypes(this.graph);
      this.#problems = { graph: this.graph, checker: this.checker, list, byNode, types };
    }
    return this.#problems;
  }

  /** Does a step of the document. */
  edit(label: string, command: Command, mergeKey?: string): void {
    if (!this.history.apply(label, command, mergeKey)) return;
    this.#dropGoneSelection();
    this.changed();
  }

  undo(): string | undefined {
    const label = this.history.undo();
    this.#dropGoneSelection();
    this.changed();
    return label;
  }

  redo(): string | undefined {
    const label = this.history.redo();
    this.#dropGoneSelection();
    this.changed();
    return label;
  }

  /** Another document takes this one's place. */
  open(graph: Graph, stored: Stored): void {
    this.history.reset(graph);
    this.stored = stored;
    this.selection = new Set();
    this.wire = undefined;
    this.run.nodes.clear();
    if (!this.run.isActive) this.run.phase = 'idle';
    this.run.error = undefined;
    this.pictures.clear();
    this.pages.clear();
    this.changed();
  }

  select(ids: Iterable<string>): void {
    this.selection = new Set(ids);
    if (this.selection.size > 0) this.wire = undefined;
    this.changed();
  }

  /** A node got another id: what is known about it goes along. */
  renamed(id: string, name: string): void {
    if (this.selection.has(id))
      this.selection = new Set([...this.selection].map((each) => (each === id ? name : each)));
    this.pictures.rename(id, name);
    this.run.nodes.delete(id);
    this.changed();
  }

  /** Shows a message for a while; a bad one stays longer. */
  toast(tone: Toast['tone'], text: string, detail?: string): void {
    const toast = { id: this.#nextToast++, tone, text, ...(detail === undefined ? {} : { detail }) };
    this.toasts = [...this.toasts.filter((other) => other.text !== text), toast].slice(-3);
    setTimeout(() => this.closeToast(toast.id), tone === 'bad' ? 9000 : 3500);
    this.changed();
  }

  closeToast(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
    this.changed();
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  changed(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #dropGoneSelection(): void {
    const kept = [...this.selection].filter((id) => this.graph.nodes[id] !== undefined);
    if (kept.length !== this.selection.size) this.selection = new Set(kept);
    if (this.wire !== undefined && this.graph.nodes[this.wire.node]?.in?.[this.wire.input] === undefined) {
      this.wire = undefined;
    }
  }
}
