/**
 * A node of the document as litegraph sees it: position, size and sockets. Links are asked for, never made here.
 * Drawing is draw-node's; what to show comes from NodeState.
 */
import { formatSocketType, type GraphNode, type NodeDescriptor, type SocketType } from '../../../src/protocol/index.ts';
import type { NodeRun } from '../run/run-state.ts';
import { LGraphNode, type LLink } from './litegraph.ts';
import { type NodeGeometry, nodeGeometry, socketY } from './node-geometry.ts';
import type { Preview } from './preview.ts';

/** Everything a node's picture depends on. */
export interface NodeState {
  readonly descriptor: NodeDescriptor;
  readonly node: GraphNode;
  readonly run: NodeRun | undefined;
  readonly preview: Preview | undefined;
  /** Name and value of the parameters worth showing. */
  readonly params: readonly (readonly [string, string])[];
  /** The worst thing wrong: `todo` is merely unfinished. */
  readonly problem: { readonly level: 'todo' | 'error'; readonly text: string; readonly more: number } | undefined;
  /** Inputs that have no link though they need one. */
  readonly missing: ReadonlySet<string>;
  /** Outputs the graph shows as results. */
  readonly results: ReadonlySet<string>;
}

/** What a node asks its canvas for; WeftCanvas implements it. */
export interface LinkRequests {
  requestLink(from: NodeView, output: number, to: NodeView, input: number): void;
  requestLinkAnywhere(end: { node: NodeView; slot: number; isOutput: boolean }, over: NodeView): void;
  requestDetach(node: NodeView, input: number): void;
}

export class NodeView extends LGraphNode {
  state: NodeState;
  geometry: NodeGeometry;
  readonly #requests: LinkRequests;

  constructor(id: string, state: NodeState, requests: LinkRequests) {
    super(state.descriptor.title);
    this.id = id;
    this.#requests = requests;
    this.resizable = false;
    this.inputs = [];
    this.outputs = [];
    this.state = state;
    this.geometry = this.update(state);
  }

  /** Takes a new state and lays the node out again. */
  update(state: NodeState): NodeGeometry {
    const { descriptor } = state;
    this.state = state;
    this.geometry = nodeGeometry(descriptor, state.params.length, state.preview);
    this.size = [this.geometry.width, this.geometry.height];
    this.inputs = Object.keys(descriptor.inputs).map((name, index) => ({
      name,
      type: '',
      link: this.inputs[index]?.name === name ? (this.inputs[index]?.link ?? null) : null,
      pos: [0, socketY(index)],
    }));
    this.outputs = Object.keys(descriptor.outputs).map((name, index) => ({
      name,
      type: '',
      links: this.outputs[index]?.name === name ? (this.outputs[index]?.links ?? []) : [],
      pos: [this.geometry.width, socketY(index)],
    }));
    return this.geometry;
  }

  inputType(index: number): SocketType | undefined {
    return Object.values(this.state.descriptor.inputs)[index]?.type;
  }

  outputType(index: number): SocketType | undefined {
    return Object.values(this.state.descriptor.outputs)[index]?.type;
  }

  /** What resting on a socket tells: name, type and what it is for. */
  socketHint(slot: number, isOutput: boolean): { text: string; detail: string; tone: 'plain' } {
    const { descriptor } = this.state;
    const entry = isOutput ? Object.entries(descriptor.outputs)[slot] : Object.entries(descriptor.inputs)[slot];
    if (entry === undefined) return { text: '', detail: '', tone: 'plain' };
    const [name, spec] = entry;
    const notes = [
      'optional' in spec && spec.optional === true ? 'optional' : undefined,
      'whole' in spec && spec.whole === true ? 'takes the whole list' : undefined,
      isOutput && descriptor.emitsList === true ? 'a list' : undefined,
    ].filter((note) => note !== undefined);
    const type = formatSocketType(spec.type);
    return {
      text: `${name}: ${type}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`,
      detail: spec.doc,
      tone: 'plain',
    };
  }

  override connect(slot: number, target: LGraphNode, targetSlot: number): LLink | null {
    if (target instanceof NodeView) this.#requests.requestLink(this, slot, target, targetSlot);
    return null;
  }

  override connectByType(slot: number, target: LGraphNode): LLink | null {
    if (target instanceof NodeView) this.#requests.requestLinkAnywhere({ node: this, slot, isOutput: true }, target);
    return null;
  }

  override connectByTypeOutput(slot: number, source: LGraphNode): LLink | null {
    if (source instanceof NodeView) this.#requests.requestLinkAnywhere({ node: this, slot, isOutput: false }, source);
    return null;
  }

  override disconnectInput(slot: number): boolean {
    this.#requests.requestDetach(this, slot);
    return true;
  }
}

export function isNodeView(node: unknown): node is NodeView {
  return node instanceof NodeView;
}
