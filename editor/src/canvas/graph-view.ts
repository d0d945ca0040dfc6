/**
 * The document on the canvas: keeps litegraph's nodes, links and groups equal to the graph, and moves the camera.
 * Everything else in the editor talks to the canvas through this class.
 */
import type { Graph } from '../../../src/protocol/index.ts';
import type { Size } from '../document/arrange.ts';
import type { InputEnd, Point } from '../document/commands.ts';
import { forgetMeasurements } from './draw-text.ts';
import { attach, LGraph, LGraphGroup, LLink } from './litegraph.ts';
import { isNodeView, type NodeState, NodeView } from './node-view.ts';
import { INK } from './theme.ts';
import { type CanvasHost, WeftCanvas } from './weft-canvas.ts';

const MARGIN = 44;

export class GraphView {
  readonly #canvas: WeftCanvas;
  readonly #graph = new LGraph();
  readonly #element: HTMLCanvasElement;
  readonly #host: CanvasHost;
  /** The view is being made equal to the document: its own signals mean nothing then. */
  #isSyncing = false;
  #onCamera: () => void = () => undefined;

  constructor(element: HTMLCanvasElement, host: CanvasHost) {
    this.#element = element;
    this.#host = host;
    const canvas = new WeftCanvas(null, null, { skip_render: true });
    attach(this.#graph, canvas);
    this.#canvas = canvas;
    canvas.host = host;
    canvas.pixelRatio = 1;
    canvas.wire = undefined;
    canvas.detached = undefined;
    canvas.fitCache = new Map();
    canvas.lastClient = [0, 0];
    canvas.drawnScale = 1;
    canvas.onZoom = () => this.#onCamera();
    canvas.allow_searchbox = false;
    canvas.ds.min_scale = 0.1;
    canvas.ds.max_scale = 3;
    canvas.ds.computeVisibleArea = () => this.#computeVisibleArea();
    canvas.onSelectionChange = (nodes) => {
      if (!this.#isSyncing) this.#host.select(Object.keys(nodes));
    };
    canvas.setCanvas(element);
    element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.resize()).observe(element.parentElement ?? element);
    this.resize();
    canvas.startRendering();
    document.fonts.ready.then(() => {
      forgetMeasurements();
      this.redraw();
    });
  }

  /** Makes the view equal to the document. `stateOf` is undefined for a node of unknown type: it gets a plain box. */
  sync(
    graph: Graph,
    stateOf: (id: string) => NodeState,
    selection: ReadonlySet<string>,
    wire: InputEnd | undefined,
  ): void {
    this.#isSyncing = true;
    try {
      this.#syncNodes(graph, stateOf);
      this.#syncLinks(graph);
      this.#syncGroups(graph);
      this.#syncSelection(selection);
      this.#canvas.wire = wire;
    } finally {
      this.#isSyncing = false;
    }
    this.redraw();
  }

  #syncNodes(graph: Graph, stateOf: (id: string) => NodeState): void {
    const isDragging = this.#canvas.node_dragged !== null || this.#canvas.selected_group !== null;
    for (const view of [...this.#graph._nodes]) {
      if (graph.nodes[view.id] !== undefined) continue;
      for (const input of view.inputs) input.link = null;
      for (const output of view.outputs) output.links = [];
      this.#graph.remove(view);
    }
    for (const id of Object.keys(graph.nodes)) {
      const state = stateOf(id);
      const [x, y] = graph.layout?.[id] ?? [0, 0];
      let view = this.#graph._nodes_by_id[id];
      if (!isNodeView(view)) {
        view = new NodeView(id, state, this.#canvas);
        this.#graph.add(view, true);
        view.pos = [x, y];
        continue;
      }
      (view as NodeView).update(state);
      if (!isDragging) view.pos = [x, y];
    }
  }

  #syncLinks(graph: Graph): void {
    const links: Record<string, LLink> = {};
    for (const view of this.#graph._nodes) {
      for (const input of view.inputs) input.link = null;
      for (const output of view.outputs) output.links = [];
    }
    for (const [id, node] of Object.entries(graph.nodes)) {
      const target = this.#graph._nodes_by_id[id];
      if (target === undefined) continue;
      for (const [input, [from, output]] of Object.entries(node.in ?? {})) {
        const source = this.#graph._nodes_by_id[from];
        const slot = source?.outputs.findIndex(({ name }) => name === output) ?? -1;
        const targetSlot = target.inputs.findIndex(({ name }) => name === input);
        if (source === undefined || slot === -1 || targetSlot === -1) continue;
        const link = new LLink(`${id}.${input}`, '', from, slot, id, targetSlot);
        links[link.id] = link;
        (target.inputs[targetSlot] as { link: string | null }).link = link.id;
        source.outputs[slot]?.links.push(link.id);
      }
    }
    this.#graph.links = links;
  }

  #syncGroups(graph: Graph): void {
    if (this.#canvas.selected_group !== null) return;
    const groups = graph.groups ?? [];
    while (this.#graph._groups.length > groups.length) this.#graph.remove(this.#graph._groups.at(-1) as LGraphGroup);
    groups.forEach(({ title, bounds, color }, index) => {
      let group = this.#graph._groups[index];
      if (group === undefined) {
        group = new LGraphGroup(title);
        this.#graph.add(group);
      }
      group.title = title;
      group.color = color !== undefined && /^#[0-9a-f]{6}$/i.test(color) ? color : INK.accent;
      group._pos.set([bounds[0], bounds[1]]);
      group._size.set([bounds[2], bounds[3]]);
    });
  }

  #syncSelection(selection: ReadonlySet<string>): void {
    const selected: Record<string, NodeView> = {};
    for (const view of this.#graph._nodes) {
      view.is_selected = selection.has(view.id);
      if (view.is_selected) selected[view.id] = view as NodeView;
    }
    this.#canvas.selected_nodes = selected;
  }

  redraw(): void {
    this.#canvas.setDirty(true, true);
  }

  /** Told when the zoom changed. */
  onCamera(listener: () => void): void {
    this.#onCamera = listener;
  }

  get scale(): number {
    return this.#canvas.ds.scale;
  }

  /** Width and height of a node as drawn now. */
  sizeOf(id: string): Size {
    const view = this.#graph._nodes_by_id[id];
    return view === undefined ? [260, 120] : [view.size[0] ?? 0, view.size[1] ?? 0];
  }

  /** The node under a point of the page. */
  nodeAt(clientX: number, clientY: number): string | undefined {
    const [x, y] = this.toCanvas(clientX, clientY);
    return this.#graph.getNodeOnPos(x, y)?.id;
  }

  toCanvas(clientX: number, clientY: number): Point {
    const { left, top } = this.#element.getBoundingClientRect();
    const { scale, offset } = this.#canvas.ds;
    return [(clientX - left) / scale - offset[0], (clientY - top) / scale - offset[1]];
  }

  toClient([x, y]: Point): Point {
    const { left, top } = this.#element.getBoundingClientRect();
    const { scale, offset } = this.#canvas.ds;
    return [(x + offset[0]) * scale + left, (y + offset[1]) * scale + top];
  }

  /** Where a node's top left corner is on the page. */
  nodePlace(id: string): Point | undefined {
    const view = this.#graph._nodes_by_id[id];
    return view === undefined ? undefined : this.toClient([view.pos[0] ?? 0, view.pos[1] ?? 0]);
  }

  /** What is on the canvas, by name, as the document has it. */
  nodeNames(): string[] {
    return this.#graph._nodes.map(({ id }) => id).sort();
  }

  /** Where a socket is on the page. */
  socketPlace(id: string, name: string, isOutput: boolean): Point | undefined {
    const view = this.#graph._nodes_by_id[id];
    const slot = (isOutput ? view?.outputs : view?.inputs)?.findIndex((socket) => socket.name === name) ?? -1;
    if (view === undefined || slot === -1) return undefined;
    const place = view.getConnectionPos(!isOutput, slot);
    return this.toClient([place[0] ?? 0, place[1] ?? 0]);
  }

  /** The middle of what is visible, canvas units. */
  get center(): Point {
    const { left, top, width, height } = this.#element.getBoundingClientRect();
    return this.toCanvas(left + width / 2, top + height / 2);
  }

  zoom(factor: number, clientX?: number, clientY?: number): void {
    const { left, top, width, height } = this.#element.getBoundingClientRect();
    const center: [number, number] = [(clientX ?? left + width / 2) - left, (clientY ?? top + height / 2) - top];
    this.#canvas.ds.changeScale(this.#canvas.ds.scale * factor, center);
    this.redraw();
  }

  /** Shows these nodes, or all of them. */
  fit(ids?: readonly string[], maxScale = 1.1): void {
    const views = this.#graph._nodes.filter(({ id }) => ids === undefined || ids.includes(id));
    const boxes = views.map(({ pos, size }) => [pos[0] ?? 0, pos[1] ?? 0, size[0] ?? 0, size[1] ?? 0] as const);
    if (ids === undefined) boxes.push(...this.#canvas.groupBounds());
    if (boxes.length === 0) return;
    const left = Math.min(...boxes.map(([x]) => x));
    const top = Math.min(...boxes.map(([, y]) => y));
    const right = Math.max(...boxes.map(([x, , width]) => x + width));
    const bottom = Math.max(...boxes.map(([, y, , height]) => y + height));
    const { width, height } = this.#element.getBoundingClientRect();
    const { ds } = this.#canvas;
    const scale = Math.min((width - 2 * MARGIN) / (right - left), (height - 2 * MARGIN) / (bottom - top), maxScale);
    ds.scale = Math.max(ds.min_scale, scale);
    ds.offset[0] = width / 2 / ds.scale - (left + right) / 2;
    ds.offset[1] = height / 2 / ds.scale - (top + bottom) / 2;
    this.redraw();
  }

  /** Brings a node into the middle without zooming further than needed to read it. */
  focus(id: string): void {
    const view = this.#graph._nodes_by_id[id];
    if (view === undefined) return;
    const { ds } = this.#canvas;
    const { width, height } = this.#element.getBoundingClientRect();
    ds.scale = Math.max(ds.scale, 0.75);
    ds.offset[0] = width / 2 / ds.scale - (view.pos[0] ?? 0) - (view.size[0] ?? 0) / 2;
    ds.offset[1] = height / 2 / ds.scale - (view.pos[1] ?? 0) - (view.size[1] ?? 0) / 2;
    this.redraw();
  }

  resize(): void {
    const { width, height } = (this.#element.parentElement ?? this.#element).getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.pixelRatio = ratio;
    const pixels = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))] as const;
    if (this.#element.width === pixels[0] && this.#element.height === pixels[1]) return;
    [this.#element.width, this.#element.height] = pixels;
    this.redraw();
  }

  /** litegraph takes device pixels for page pixels. */
  #computeVisibleArea(): void {
    const { ds, pixelRatio } = this.#canvas;
    ds.visible_area[0] = -ds.offset[0];
    ds.visible_area[1] = -ds.offset[1];
    ds.visible_area[2] = this.#element.width / pixelRatio / ds.scale;
    ds.visible_area[3] = this.#element.height / pixelRatio / ds.scale;
  }

  /** A wheel zooms; a trackpad's two fingers pan (they send small or sideways steps) and its pinch zooms. */
  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const isWheel = event.deltaMode !== 0 || (event.deltaX === 0 && Math.abs(event.deltaY) >= 50);
    const { ds } = this.#canvas;
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(-event.deltaY * 0.01), event.clientX, event.clientY);
    else if (isWheel && !event.shiftKey) this.zoom(event.deltaY < 0 ? 1.12 : 1 / 1.12, event.clientX, event.clientY);
    else {
      const [dx, dy] = event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
      ds.offset[0] -= dx / ds.scale;
      ds.offset[1] -= dy / ds.scale;
      this.redraw();
    }
  }
}
