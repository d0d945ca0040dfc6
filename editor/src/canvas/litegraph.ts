/**
 * The only door to litegraph.js: everything else in the editor sees GraphView.
 *
 * What upstream does and what we do about it:
 * - it is a script that writes to `this`: editor/litegraph-module.ts makes a module of it when bundling;
 * - its number widgets call `eval`, one method `new Function`: that code is replaced when bundling, and we use no widget;
 * - it stops at 1000 nodes: raised here (the graph validator has its own limit);
 * - it drops a link of mismatched types without a word: NodeView never lets it link, the document does after asking
 *   the validator, and a refusal is told beside the pointer;
 * - it keeps its own graph: here that is rebuilt from the document after every change and never saved;
 * - it refuses to show a graph on a subclass of its canvas: `attach` does.
 */
import {
  DragAndScale,
  LGraph,
  LGraphCanvas,
  LGraphGroup,
  LGraphNode,
  LiteGraph,
  LLink,
} from 'litegraph.js/build/litegraph.core.js';

export type { CanvasMouseEvent, InputSlot, OutputSlot, Vector } from 'litegraph.js/build/litegraph.core.js';
export { DragAndScale, LGraph, LGraphCanvas, LGraphGroup, LGraphNode, LLink };

LiteGraph.MAX_NUMBER_OF_NODES = 100_000;
// The header is part of our node: its position is its top left corner, as in the graph file.
LiteGraph.NODE_TITLE_HEIGHT = 0;
// Upstream's pointer mode never reports a double click; mouse events are all we need.
LiteGraph.pointerevents_method = 'mouse';
LiteGraph.shift_click_do_break_link_from = false;
LiteGraph.click_do_break_link_to = false;
LiteGraph.alt_drag_do_clone_nodes = false;
LiteGraph.middle_click_slot_add_default_node = false;
LiteGraph.release_link_on_empty_shows_menu = false;

/** Shows a graph on a canvas. Upstream's `attachCanvas` does the same, but refuses subclasses of its canvas. */
export function attach(graph: LGraph, canvas: LGraphCanvas): void {
  canvas.graph = graph;
  graph.list_of_graphcanvas = [canvas];
}
