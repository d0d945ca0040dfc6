/** The part of litegraph.js 0.7.18 that the adapter relies on, typed narrowly: what is not here must not be used. */
declare module 'litegraph.js/build/litegraph.core.js' {
  export type Vector = [number, number] | Float32Array;

  export const LiteGraph: {
    MAX_NUMBER_OF_NODES: number;
    NODE_TITLE_HEIGHT: number;
    pointerevents_method: 'mouse' | 'pointer';
    shift_click_do_break_link_from: boolean;
    click_do_break_link_to: boolean;
    alt_drag_do_clone_nodes: boolean;
    middle_click_slot_add_default_node: boolean;
    release_link_on_empty_shows_menu: boolean;
    pointerListenerAdd(target: EventTarget, event: string, callback: (event: never) => void, capture?: boolean): void;
  };

  export interface CanvasMouseEvent extends MouseEvent {
    canvasX: number;
    canvasY: number;
  }

  export class LLink {
    constructor(id: string, type: string, originId: string, originSlot: number, targetId: string, targetSlot: number);
    id: string;
    type: string;
    origin_id: string;
    origin_slot: number;
    target_id: string;
    target_slot: number;
  }

  export interface InputSlot {
    name: string;
    type: string;
    link: string | null;
    pos: [number, number];
  }

  export interface OutputSlot {
    name: string;
    type: string;
    links: string[];
    pos: [number, number];
  }

  export class LGraphNode {
    constructor(title?: string);
    id: string;
    title: string;
    graph: LGraph | null;
    pos: Vector;
    size: Vector;
    inputs: InputSlot[];
    outputs: OutputSlot[];
    resizable: boolean;
    is_selected: boolean;
    mouseOver: boolean;
    getConnectionPos(isInput: boolean, slot: number, out?: Vector): Vector;
    getBounding(out?: Float32Array, outer?: boolean): Float32Array;
    connect(slot: number, target: LGraphNode, targetSlot: number): LLink | null;
    connectByType(slot: number, target: LGraphNode, type: string): LLink | null;
    connectByTypeOutput(slot: number, source: LGraphNode, type: string): LLink | null;
    disconnectInput(slot: number): boolean;
  }

  export class LGraphGroup {
    constructor(title?: string);
    title: string;
    color: string;
    _pos: Float32Array;
    _size: Float32Array;
    graph: LGraph | null;
  }

  export class LGraph {
    _nodes: LGraphNode[];
    _nodes_by_id: Record<string, LGraphNode>;
    _groups: LGraphGroup[];
    links: Record<string, LLink>;
    add(node: LGraphNode | LGraphGroup, skipOrder?: boolean): void;
    remove(node: LGraphNode | LGraphGroup): void;
    getNodeOnPos(x: number, y: number, nodes?: LGraphNode[], margin?: number): LGraphNode | null;
    getGroupOnPos(x: number, y: number): LGraphGroup | null;
    list_of_graphcanvas: LGraphCanvas[] | null;
  }

  export class DragAndScale {
    offset: [number, number];
    scale: number;
    min_scale: number;
    max_scale: number;
    element: HTMLCanvasElement | null;
    visible_area: Float32Array;
    computeVisibleArea(): void;
    toCanvasContext(context: CanvasRenderingContext2D): void;
    changeScale(value: number, center?: [number, number]): void;
  }

  export class LGraphCanvas {
    constructor(canvas: HTMLCanvasElement | null, graph: LGraph | null, options?: { skip_render?: boolean });
    canvas: HTMLCanvasElement;
    bgcanvas: HTMLCanvasElement;
    ctx: CanvasRenderingContext2D;
    graph: LGraph;
    ds: DragAndScale;
    allow_searchbox: boolean;
    dirty_canvas: boolean;
    dirty_bgcanvas: boolean;
    graph_mouse: [number, number];
    mouse: [number, number];
    visible_nodes: LGraphNode[];
    selected_nodes: Record<string, LGraphNode>;
    selected_group: LGraphGroup | null;
    selected_group_resizing: boolean;
    node_dragged: LGraphNode | null;
    dragging_canvas: boolean;
    dragging_rectangle: Float32Array | null;
    connecting_node: LGraphNode | null;
    connecting_output: OutputSlot | null;
    connecting_input: InputSlot | null;
    connecting_pos: Vector | null;
    connecting_slot: number;
    onSelectionChange: ((nodes: Record<string, LGraphNode>) => void) | null;
    _mousedown_callback: (event: MouseEvent) => void;
    _mousemove_callback: (event: MouseEvent) => void;
    _mouseup_callback: (event: MouseEvent) => void;
    _events_binded: boolean;
    setCanvas(canvas: HTMLCanvasElement): void;
    bindEvents(): void;
    startRendering(): void;
    setDirty(foreground: boolean, background?: boolean): void;
    adjustMouseEvent(event: MouseEvent): void;
    processMouseDown(event: MouseEvent): boolean | undefined;
    processMouseMove(event: MouseEvent): boolean | undefined;
    processMouseUp(event: MouseEvent): boolean | undefined;
    processNodeSelected(node: LGraphNode, event?: MouseEvent): void;
    processContextMenu(node: LGraphNode | null, event: MouseEvent): void;
    processKey(event: KeyboardEvent): boolean | undefined;
    showSearchBox(event: MouseEvent): void;
    selectNodes(nodes: LGraphNode[], add?: boolean): void;
    deselectAllNodes(): void;
    isOverNodeInput(node: LGraphNode, x: number, y: number, slot?: Vector): number;
    isOverNodeOutput(node: LGraphNode, x: number, y: number, slot?: Vector): number;
    isOverNodeBox(node: LGraphNode, x: number, y: number): boolean;
    computeVisibleNodes(nodes: LGraphNode[] | null, out: LGraphNode[]): LGraphNode[];
    drawFrontCanvas(): void;
    drawBackCanvas(): void;
  }
}
