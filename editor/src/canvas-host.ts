/** Answers what the canvas asks: wires, selection, moves, menus and the note beside the pointer. */
import { render } from 'lit-html';
import type { Graph } from '../../src/protocol/index.ts';
import type { Bounds, CanvasHost, HoverHint } from './canvas/weft-canvas.ts';
import { snap } from './document/arrange.ts';
import { type InputEnd, moveNodes, type OutputEnd, type Point, setGroups, together } from './document/commands.ts';
import type { Editor } from './editor.ts';
import { element } from './page.ts';
import type { PageDialogs } from './panels/dialogs.ts';
import { hoverNote } from './panels/floating.ts';
import { type CommandId, keysOf } from './panels/keys.ts';
import type { PageMenu } from './panels/menu.ts';

export function canvasHost(editor: Editor, dialogs: PageDialogs, menu: PageMenu): CanvasHost {
  const { session } = editor;
  return {
    couldFit: (from, to) => session.checker.couldFit(session.graph, from, to),
    refusal: (from, to) => session.checker.refusal(session.graph, from, to),
    connect: (from, to, moved) => editor.connect(from, to, moved),
    disconnect: (to) => editor.disconnect(to),
    refused: (reason) => session.toast('bad', 'This wire does not fit', reason),
    select: (ids) => session.select(ids),
    selectWire: (to) => {
      if (to === undefined && session.wire === undefined) return;
      session.wire = to;
      session.changed();
    },
    moved: (positions, groups) => {
      session.edit('Move', moveCommand(session.graph, positions, groups));
      session.changed();
    },
    showPage: (node, page) => {
      session.pages.set(node, page);
      session.changed();
    },
    openMenu: (node, group, x, y) => menu.open(x, y, menuFor(editor, dialogs, node, group, x, y)),
    droppedWire: (end, x, y) => void offerNodes(editor, dialogs, end, x, y),
    hint: showHint,
  };
}

function moveCommand(graph: Graph, positions: Readonly<Record<string, Point>>, bounds: readonly Bounds[] | undefined) {
  const snapped = Object.fromEntries(
    Object.entries(positions).map(([id, [x, y]]) => [id, [snap(x), snap(y)] as const]),
  );
  const move = moveNodes(snapped);
  if (bounds === undefined) return move;
  const groups = (graph.groups ?? []).map((group, index) => {
    const [x, y, width, height] = bounds[index] ?? group.bounds;
    return { ...group, bounds: [snap(x), snap(y), Math.round(width), Math.round(height)] as Bounds };
  });
  return together(move, setGroups(groups));
}

/** A wire on empty ground: quick search among the nodes that can take it. */
async function offerNodes(
  editor: Editor,
  dialogs: PageDialogs,
  end: OutputEnd | InputEnd,
  x: number,
  y: number,
): Promise<void> {
  const { session, view } = editor;
  const fitting = session.nodes.filter((node) => session.checker.fitsNode(session.graph, end, node));
  const at = view.toCanvas(x, y);
  const type = await dialogs.search(
    fitting,
    'output' in end ? `What takes “${end.output}”?` : `What gives “${end.input}”?`,
  );
  if (type === undefined) return;
  editor.addWired(type, 'output' in end ? [at[0], at[1] - 60] : [at[0] - 260, at[1] - 60], end);
}

function menuFor(
  editor: Editor,
  dialogs: PageDialogs,
  node: string | undefined,
  group: number | undefined,
  x: number,
  y: number,
) {
  const { session, view } = editor;
  const key = (id: CommandId) => keysOf(id)[0];
  const copy = () => {
    const text = editor.copy();
    if (text !== undefined) void navigator.clipboard.writeText(text).catch(() => undefined);
  };
  if (node !== undefined) {
    return [
      { text: 'Duplicate', key: key('duplicate'), run: () => editor.duplicate() },
      { text: 'Copy', key: key('copy'), run: copy },
      { text: 'Group', key: key('group'), run: () => editor.group() },
      'line' as const,
      { text: 'Delete', key: key('delete'), isDanger: true, run: () => editor.deleteSelection() },
    ];
  }
  const add = async () => {
    const at = view.toCanvas(x, y);
    const type = await dialogs.search(session.nodes, undefined);
    if (type !== undefined) editor.addNode(type, at);
  };
  return [
    { text: 'Add a node…', key: key('search'), run: () => void add() },
    { text: 'Paste', key: key('paste'), run: () => void editor.paste() },
    ...(group === undefined
      ? []
      : [
          'line' as const,
          { text: 'Rename group…', run: () => void editor.renameGroup(group) },
          { text: 'Remove group', isDanger: true, run: () => editor.ungroup(group) },
        ]),
    'line' as const,
    { text: 'Arrange', key: key('arrange'), run: () => editor.arrange() },
    { text: 'Zoom to fit', key: key('fit'), run: () => view.fit() },
  ];
}

function showHint(hint: HoverHint | undefined, x: number, y: number): void {
  const note = element('hover-note');
  render(hoverNote(hint), note);
  note.hidden = hint === undefined || hint.text === '';
  if (note.hidden) return;
  note.className = `hover-note ${hint?.tone ?? 'plain'}`;
  const { width, height } = note.getBoundingClientRect();
  const left = x + 16 + width > innerWidth ? x - width - 12 : x + 16;
  note.style.left = `${Math.max(8, left)}px`;
  note.style.top = `${Math.max(8, Math.min(y + 18, innerHeight - height - 8))}px`;
}
