/**
 * litegraph's canvas with our drawing and our answers: it keeps hit tests, dragging, selection and zoom; every change
 * it would make to a graph becomes a request to CanvasHost instead. Must not touch the document.
 */
import type { InputEnd, OutputEnd, Point } from '../document/commands.ts';
import { drawNode, type NodeLook } from './draw-node.ts';
import { drawGround, drawGroup, drawWire, wireDistance } from './draw-wire.ts';
import { type CanvasMouseEvent, LGraphCanvas, type LGraphGroup, type LGraphNode, type Vector } from './litegraph.ts';
import { contains } from './node-geometry.ts';
import { isNodeView, type LinkRequests, type NodeView } from './node-view.ts';
import { SOCKET_COLORS } from './theme.ts';

/** What the canvas asks of the editor. */
export interface CanvasHost {
  /** A cheap first answer: whether the kinds of these sockets go together at all. */
  couldFit(from: OutputEnd, to: InputEnd): boolean;
  /** Why this link is not allowed, or undefined when it is. */
  refusal(from: OutputEnd, to: InputEnd): string | undefined;
  connect(from: OutputEnd, to: InputEnd, moved: InputEnd | undefined): void;
  disconnect(to: InputEnd): void;
  refused(reason: string, clientX: number, clientY: number): void;
  select(ids: readonly string[]): void;
  selectWire(to: InputEnd | undefined): void;
  moved(positions: Readonly<Record<string, Point>>, groups: readonly Bounds[] | undefined): void;
  showPage(node: string, page: number): void;
  openMenu(node: string | undefined, group: number | undefined, clientX: number, clientY: number): void;
  /** A wire was dropped on empty ground: offer nodes that take it. */
  droppedWire(end: OutputEnd | InputEnd, clientX: number, clientY: number): void;
  /** Under the pointer while a wire is dragged, or what the pointer rests on. */
  hint(text: HoverHint | undefined, clientX: number, clientY: number): void;
}

export type Bounds = [number, number, number, number];

export interface HoverHint {
  readonly text: string;
  readonly detail?: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

interface SocketEnd {
  readonly node: NodeView;
  readonly slot: number;
  readonly isOutput: boolean;
}

/** Units around a socket that count as the socket. */
const GRAB_X = 22;
const GRAB_Y = 12;
/** With more wires than this, each is drawn once instead of twice. */
const MOST_EDGED_WIRES = 400;

export class WeftCanvas extends LGraphCanvas implements LinkRequests {
  declare host: CanvasHost;
  declare pixelRatio: number;
  declare wire: InputEnd | undefined;
  /** The input that a dragged wire was pulled from. */
  declare detached: { node: NodeView; slot: number } | undefined;
  declare linkAnswered: boolean;
  declare fitCache: Map<string, boolean>;
  declare before: Map<string, Point> | undefined;
  declare groupsBefore: string | undefined;
  declare lastClient: Point;
  declare drawnScale: number;
  declare onZoom: () => void;

  /** litegraph binds mouse, wheel, keys and drops here; keys, wheel and drops are the editor's own. */
  override bindEvents(): void {
    if (this._events_binded) return;
    this._events_binded = true;
    this._mousedown_callback = this.processMouseDown.bind(this);
    this._mousemove_callback = this.processMouseMove.bind(this);
    this._mouseup_callback = this.processMouseUp.bind(this);
    this.canvas.addEventListener('mousedown', this._mousedown_callback, true);
    this.canvas.addEventListener('mouseup', this._mouseup_callback, true);
    this.canvas.addEventListener('mousemove', this._mousemove_callback);
    this.canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    this.canvas.addEventListener('mouseleave', () => this.host.hint(undefined, 0, 0));
  }

  override processKey(): boolean {
    return true;
  }

  override showSearchBox(): void {}

  override isOverNodeBox(): boolean {
    return false;
  }

  override processContextMenu(node: LGraphNode | null, event: MouseEvent): void {
    const { canvasX, canvasY } = event as CanvasMouseEvent;
    const group = node === null ? this.graph.getGroupOnPos(canvasX, canvasY) : null;
    const index = group === null ? -1 : this.graph._groups.indexOf(group);
    this.host.openMenu(node?.id, index === -1 ? undefined : index, event.clientX, event.clientY);
  }

  /** A click on a selected node keeps the selection, so that several can be dragged together. */
  override processNodeSelected(node: LGraphNode, event?: MouseEvent): void {
    const adds = event !== undefined && (event.shiftKey || event.ctrlKey || event.metaKey);
    if (node.is_selected && !adds) return;
    this.selectNodes([node], adds);
  }

  override isOverNodeInput(node: LGraphNode, x: number, y: number, out?: Vector): number {
    return this.#slotAt(node, true, x, y, out);
  }

  override isOverNodeOutput(node: LGraphNode, x: number, y: number, out?: Vector): number {
    return this.#slotAt(node, false, x, y, out);
  }

  /** The whole row on a socket's side counts while a wire is dragged. */
  #slotAt(node: LGraphNode, isInput: boolean, x: number, y: number, out?: Vector): number {
    const slots = isInput ? node.inputs : node.outputs;
    for (let slot = 0; slot < slots.length; slot++) {
      const place = node.getConnectionPos(isInput, slot);
      const left = isInput ? -GRAB_X : -(node.size[0] ?? 0) / 2;
      const right = isInput ? (node.size[0] ?? 0) / 2 : GRAB_X;
      const dx = x - (place[0] ?? 0);
      if (dx < left || dx > right || Math.abs(y - (place[1] ?? 0)) > GRAB_Y) continue;
      if (out !== undefined) {
        out[0] = place[0] ?? 0;
        out[1] = place[1] ?? 0;
      }
      return slot;
    }
    return -1;
  }

  override processMouseDown(event: MouseEvent): boolean | undefined {
    this.adjustMouseEvent(event);
    const { canvasX: x, canvasY: y } = event as CanvasMouseEvent;
    const node = this.graph.getNodeOnPos(x, y, this.visible_nodes, 6);
    this.host.hint(undefined, 0, 0);
    this.before = new Map(this.graph._nodes.map((view) => [view.id, [view.pos[0] ?? 0, view.pos[1] ?? 0]]));
    this.groupsBefore = JSON.stringify(this.groupBounds());
    this.fitCache = new Map();
    this.detached = undefined;
    if (event.button === 0) {
      if (isNodeView(node) && this.#pageClicked(node, x, y)) return false;
      const wire = node === null ? this.#wireAt(x, y) : undefined;
      this.wire = wire;
      this.host.selectWire(wire);
      // litegraph draws its selection rectangle with Control only; Shift is what people know from elsewhere.
      if (node === null && (event.shiftKey || event.metaKey)) Object.defineProperty(event, 'ctrlKey', { value: true });
    }
    return super.processMouseDown(event);
  }

  override processMouseMove(event: MouseEvent): boolean | undefined {
    this.lastClient = [event.clientX, event.clientY];
    const result = super.processMouseMove(event);
    const { canvasX: x, canvasY: y } = event as CanvasMouseEvent;
    this.canvas.style.cursor = this.#cursor(x, y);
    this.host.hint(this.#hint(x, y), event.clientX, event.clientY);
    return result;
  }

  override processMouseUp(event: MouseEvent): boolean | undefined {
    this.lastClient = [event.clientX, event.clientY];
    const dragged = this.#draggedEnd();
    const { detached, before } = this;
    const wasMarquee = this.dragging_rectangle !== null;
    this.linkAnswered = false;
    const clicked = this.node_dragged;
    const result = super.processMouseUp(event);
    const { canvasX: x, canvasY: y } = event as CanvasMouseEvent;
    if (dragged !== undefined && !this.linkAnswered) {
      const over = this.graph.getNodeOnPos(x, y, this.visible_nodes);
      if (detached !== undefined && over === null) this.host.disconnect(inputEnd(detached));
      else if (over === null && this.#isFar(dragged, x, y)) {
        this.host.droppedWire(dragged.isOutput ? outputEnd(dragged) : inputEnd(dragged), event.clientX, event.clientY);
      }
    }
    this.detached = undefined;
    this.fitCache.clear();
    const moved = before === undefined ? {} : this.#movedSince(before);
    const groups = JSON.stringify(this.groupBounds()) === this.groupsBefore ? undefined : this.groupBounds();
    if (Object.keys(moved).length > 0 || groups !== undefined) this.host.moved(moved, groups);
    else if (clicked !== null && !wasMarquee && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      // A click without a drag on one of several selected nodes: that one alone.
      if (Object.keys(this.selected_nodes).length > 1) this.selectNodes([clicked]);
    }
    this.before = undefined;
    this.setDirty(true, true);
    return result;
  }

  #draggedEnd(): SocketEnd | undefined {
    const { connecting_node: node } = this;
    if (!isNodeView(node)) return undefined;
    return { node, slot: this.connecting_slot, isOutput: this.connecting_output !== null };
  }

  #isFar(end: SocketEnd, x: number, y: number): boolean {
    const place = end.node.getConnectionPos(!end.isOutput, end.slot);
    return Math.hypot(x - (place[0] ?? 0), y - (place[1] ?? 0)) > 30;
  }

  #movedSince(before: ReadonlyMap<string, Point>): Record<string, Point> {
    const moved: Record<string, Point> = {};
    for (const { id, pos } of this.graph._nodes) {
      const old = before.get(id);
      if (old !== undefined && (old[0] !== pos[0] || old[1] !== pos[1])) moved[id] = [pos[0] ?? 0, pos[1] ?? 0];
    }
    return moved;
  }

  groupBounds(): Bounds[] {
    return this.graph._groups.map(({ _pos: at, _size: size }) => [at[0] ?? 0, at[1] ?? 0, size[0] ?? 0, size[1] ?? 0]);
  }

  // LinkRequests: what litegraph's nodes ask for instead of linking.

  requestLink(from: NodeView, output: number, to: NodeView, input: number): void {
    this.linkAnswered = true;
    const source = outputEnd({ node: from, slot: output });
    const target = inputEnd({ node: to, slot: input });
    const moved = this.detached === undefined ? undefined : inputEnd(this.detached);
    if (moved !== undefined && moved.node === target.node && moved.input === target.input) return;
    const reason = this.host.refusal(source, target);
    if (reason === undefined) this.host.connect(source, target, moved);
    else this.host.refused(reason, this.lastClient[0], this.lastClient[1]);
  }

  /** Dropped on a node's body: its first socket that fits, a free one before a wired one. */
  requestLinkAnywhere(end: { node: NodeView; slot: number; isOutput: boolean }, over: NodeView): void {
    this.linkAnswered = true;
    if (end.node === over) return;
    const slots = end.isOutput ? over.inputs : over.outputs;
    const order = slots.map((_, slot) => slot);
    if (end.isOutput) order.sort((a, b) => Number(over.inputs[a]?.link != null) - Number(over.inputs[b]?.link != null));
    const link = (slot: number) =>
      end.isOutput
        ? ([outputEnd(end), inputEnd({ node: over, slot })] as const)
        : ([outputEnd({ node: over, slot }), inputEnd(end)] as const);
    const fitting = order.find((slot) => this.host.refusal(...link(slot)) === undefined) ?? order[0];
    if (fitting === undefined) {
      const side = end.isOutput ? 'inputs' : 'outputs';
      this.host.refused(`“${over.state.descriptor.title}” has no ${side}.`, this.lastClient[0], this.lastClient[1]);
      return;
    }
    if (end.isOutput) this.requestLink(end.node, end.slot, over, fitting);
    else this.requestLink(over, fitting, end.node, end.slot);
  }

  requestDetach(node: NodeView, input: number): void {
    this.detached = { node, slot: input };
  }

  /** While a wire is dragged: whether this socket could take it. */
  fits(node: NodeView, slot: number, isOutput: boolean): boolean | undefined {
    const end = this.#draggedEnd();
    if (end === undefined) return undefined;
    if (end.node === node && end.slot === slot && end.isOutput === isOutput) return true;
    if (end.isOutput === isOutput || end.node === node) return false;
    const key = `${node.id}\n${slot}\n${isOutput}`;
    let fits = this.fitCache.get(key);
    if (fits === undefined) {
      const [from, to] = end.isOutput ? [end, { node, slot }] : [{ node, slot }, end];
      fits =
        this.host.couldFit(outputEnd(from), inputEnd(to)) &&
        this.host.refusal(outputEnd(from), inputEnd(to)) === undefined;
      this.fitCache.set(key, fits);
    }
    return fits;
  }

  #refusalBetween(a: SocketEnd, b: SocketEnd): string | undefined {
    const [from, to] = a.isOutput ? [a, b] : [b, a];
    return this.host.refusal(outputEnd(from), inputEnd(to));
  }

  #hint(x: number, y: number): HoverHint | undefined {
    if (this.dragging_canvas || this.node_dragged !== null || this.dragging_rectangle !== null) return undefined;
    const node = this.graph.getNodeOnPos(x, y, this.visible_nodes, 8);
    if (!isNodeView(node)) return undefined;
    const end = this.#draggedEnd();
    if (end === undefined) {
      const over = this.#socketUnder(node, x, y);
      return over === undefined ? undefined : over.node.socketHint(over.slot, over.isOutput);
    }
    if (end.node === node) return undefined;
    const slot = this.#slotAt(node, end.isOutput, x, y);
    if (slot === -1) return undefined;
    const reason = this.#refusalBetween(end, { node, slot, isOutput: !end.isOutput });
    if (reason !== undefined) return { text: reason, tone: 'bad' };
    return { ...node.socketHint(slot, !end.isOutput), tone: 'good' };
  }

  #socketUnder(node: NodeView, x: number, y: number): SocketEnd | undefined {
    for (const isOutput of [false, true]) {
      const slots = isOutput ? node.outputs : node.inputs;
      for (let slot = 0; slot < slots.length; slot++) {
        const place = node.getConnectionPos(!isOutput, slot);
        if (Math.abs(x - (place[0] ?? 0)) < 14 && Math.abs(y - (place[1] ?? 0)) < 11) return { node, slot, isOutput };
      }
    }
    return undefined;
  }

  #cursor(x: number, y: number): string {
    if (this.#draggedEnd() !== undefined) return 'crosshair';
    if (this.dragging_canvas || this.node_dragged !== null) return 'grabbing';
    const node = this.graph.getNodeOnPos(x, y, this.visible_nodes, 8);
    if (!isNodeView(node)) return this.#wireAt(x, y) === undefined ? 'default' : 'pointer';
    if (this.#socketUnder(node, x, y) !== undefined) return 'crosshair';
    return this.#pageStep(node, x, y) === 0 ? 'default' : 'pointer';
  }

  /** The pager under a preview: left half back, right half forward. */
  #pageStep(node: NodeView, x: number, y: number): number {
    const { preview } = node.state;
    const rect = node.geometry.preview;
    if (preview === undefined || rect === undefined || preview.pages < 2) return 0;
    const pager = { ...rect, y: rect.y + rect.height - 24, height: 24 };
    const dx = x - (node.pos[0] ?? 0);
    if (!contains(pager, dx, y - (node.pos[1] ?? 0))) return 0;
    return dx < rect.x + rect.width / 2 ? -1 : 1;
  }

  #pageClicked(node: NodeView, x: number, y: number): boolean {
    const step = this.#pageStep(node, x, y);
    const { preview } = node.state;
    if (step === 0 || preview === undefined) return false;
    this.host.showPage(node.id, (preview.page + step + preview.pages) % preview.pages);
    return true;
  }

  #wireAt(x: number, y: number): InputEnd | undefined {
    const near = 7 / Math.min(1, this.ds.scale);
    for (const link of Object.values(this.graph.links)) {
      const ends = this.#wireEnds(link.origin_id, link.origin_slot, link.target_id, link.target_slot);
      if (ends === undefined || wireDistance(ends[0], ends[1], x, y) > near) continue;
      const node = this.graph._nodes_by_id[link.target_id];
      if (isNodeView(node)) return inputEnd({ node, slot: link.target_slot });
    }
    return undefined;
  }

  #wireEnds(origin: string, output: number, target: string, input: number): [Point, Point] | undefined {
    const from = this.graph._nodes_by_id[origin];
    const to = this.graph._nodes_by_id[target];
    if (from === undefined || to === undefined) return undefined;
    return [point(from.getConnectionPos(false, output)), point(to.getConnectionPos(true, input))];
  }

  // Drawing. One canvas is enough: what moves with the nodes is drawn with them.

  override drawBackCanvas(): void {
    this.dirty_bgcanvas = false;
    this.dirty_canvas = true;
  }

  override drawFrontCanvas(): void {
    this.dirty_canvas = false;
    if (this.drawnScale !== this.ds.scale) {
      this.drawnScale = this.ds.scale;
      this.onZoom();
    }
    const { ctx: context, ds } = this;
    const { scale } = ds;
    context.setTransform(this.pixelRatio, 0, 0, this.pixelRatio, 0, 0);
    context.scale(scale, scale);
    context.translate(ds.offset[0], ds.offset[1]);
    drawGround(context, ds.visible_area, scale, scale * this.pixelRatio);
    for (const group of this.graph._groups) drawGroup(context, groupLook(group));
    this.#drawWires(context);
    const time = performance.now();
    this.computeVisibleNodes(null, this.visible_nodes);
    for (const node of this.visible_nodes) {
      if (!isNodeView(node)) continue;
      const look: NodeLook = {
        scale,
        time,
        isSelected: node.is_selected,
        isHovered: node.mouseOver,
        fits: (view, slot, isOutput) => this.fits(view, slot, isOutput),
      };
      context.save();
      context.translate(node.pos[0] ?? 0, node.pos[1] ?? 0);
      drawNode(context, node, look);
      context.restore();
      if (node.state.run?.status === 'running') this.#drawAgain();
    }
    this.#drawDraggedWire(context);
    this.#drawMarquee(context);
  }

  /** While something runs the picture moves: one more frame. */
  #drawAgain(): void {
    requestAnimationFrame(() => this.setDirty(true));
  }

  #drawWires(context: CanvasRenderingContext2D): void {
    const links = Object.values(this.graph.links);
    const hasEdge = links.length <= MOST_EDGED_WIRES;
    for (const link of links) {
      const from = this.graph._nodes_by_id[link.origin_id];
      const to = this.graph._nodes_by_id[link.target_id];
      if (!isNodeView(from) || !isNodeView(to)) continue;
      if (this.detached?.node === to && this.detached.slot === link.target_slot) continue;
      const a = point(from.getConnectionPos(false, link.origin_slot));
      const b = point(to.getConnectionPos(true, link.target_slot));
      if (!this.#isVisible(a, b)) continue;
      const start = from.outputType(link.origin_slot);
      const end = to.inputType(link.target_slot);
      const isChosen = this.wire?.node === to.id && this.wire.input === to.inputs[link.target_slot]?.name;
      const color = SOCKET_COLORS[start?.kind ?? 'Any'];
      drawWire(context, a, b, {
        from: color,
        to: end === undefined || end.kind === 'Any' ? color : SOCKET_COLORS[end.kind],
        isStrong: isChosen || from.is_selected || to.is_selected,
        hasEdge,
        ...(to.state.run?.status === 'running' ? { pulse: (performance.now() / 900) % 1 } : {}),
      });
    }
  }

  #isVisible(a: Point, b: Point): boolean {
    const [left = 0, top = 0, width = 0, height = 0] = this.ds.visible_area;
    const margin = 240;
    return (
      Math.max(a[0], b[0]) + margin > left &&
      Math.min(a[0], b[0]) - margin < left + width &&
      Math.max(a[1], b[1]) + margin > top &&
      Math.min(a[1], b[1]) - margin < top + height
    );
  }

  #drawDraggedWire(context: CanvasRenderingContext2D): void {
    const end = this.#draggedEnd();
    if (end === undefined) return;
    const type = end.isOutput ? end.node.outputType(end.slot) : end.node.inputType(end.slot);
    const color = SOCKET_COLORS[type?.kind ?? 'Any'];
    const anchor = point(end.node.getConnectionPos(!end.isOutput, end.slot));
    const mouse: Point = [this.graph_mouse[0], this.graph_mouse[1]];
    const [from, to] = end.isOutput ? [anchor, mouse] : [mouse, anchor];
    drawWire(context, from, to, { from: color, to: color, isStrong: true, isDashed: true, hasEdge: true });
    context.beginPath();
    context.arc(mouse[0], mouse[1], 5, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  }

  #drawMarquee(context: CanvasRenderingContext2D): void {
    if (this.dragging_rectangle === null) return;
    const [x = 0, y = 0, width = 0, height = 0] = this.dragging_rectangle;
    context.fillStyle = 'rgba(124, 156, 255, 0.12)';
    context.fillRect(x, y, width, height);
    context.lineWidth = 1 / this.ds.scale;
    context.strokeStyle = '#7c9cff';
    context.strokeRect(x, y, width, height);
  }
}

function groupLook({ title, color, _pos: at, _size: size }: LGraphGroup) {
  const bounds = [at[0] ?? 0, at[1] ?? 0, size[0] ?? 0, size[1] ?? 0] as const;
  return { title, color, bounds };
}

function point(vector: Vector): Point {
  return [vector[0] ?? 0, vector[1] ?? 0];
}

function outputEnd({ node, slot }: { node: NodeView; slot: number }): OutputEnd {
  return { node: node.id, output: node.outputs[slot]?.name ?? '' };
}

function inputEnd({ node, slot }: { node: NodeView; slot: number }): InputEnd {
  return { node: node.id, input: node.inputs[slot]?.name ?? '' };
}
