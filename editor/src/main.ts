/**
 * The page: makes the parts, binds keys, drops and menus to the editor's methods, and renders panels when something
 * changed. The only file that knows every part.
 */
// Before every module that makes a schema.
import './zod-without-eval.ts';
import { render } from 'lit-html';
import { ApiClient } from './api/client.ts';
import { openSocket } from './api/run-socket.ts';
import { takeToken } from './api/token.ts';
import { GraphView } from './canvas/graph-view.ts';
import { nodeState } from './canvas/node-state.ts';
import { applyTheme } from './canvas/theme.ts';
import { canvasHost } from './canvas-host.ts';
import { Editor } from './editor.ts';
import { bindInput } from './input.ts';
import { inspector } from './inspector/inspector.ts';
import { element } from './page.ts';
import { type PaletteState, palette } from './palette/palette.ts';
import { PageDialogs } from './panels/dialogs.ts';
import { toasts, zoomButtons } from './panels/floating.ts';
import type { CommandId } from './panels/keys.ts';
import { PageMenu } from './panels/menu.ts';
import { problemsPanel } from './panels/problems.ts';
import { topBar } from './panels/top-bar.ts';
import { welcome } from './panels/welcome.ts';
import { Session } from './session.ts';

applyTheme(document.documentElement);

const token = takeToken();
const session = new Session();
const dialogs = new PageDialogs(element('dialogs'));
const editor = new Editor(session, new ApiClient(token), () => openSocket(token), dialogs);
const menu = new PageMenu(element('menu'), () => session.changed());
const view = new GraphView(element<HTMLCanvasElement>('canvas'), canvasHost(editor, dialogs, menu));
const paletteState: PaletteState = { query: '', folded: new Set() };
let showsProblems = false;
let isProblemListPinned = false;

const act = bindInput(editor, view, dialogs);

function renderPage(): void {
  const state = shown();
  view.sync(session.graph, (id) => nodeState(state, id), session.selection, session.wire);
  render(topBar(session, act, menu.isOpen, openMoreMenu), element('top-bar'));
  render(
    palette(
      session.nodes,
      paletteState,
      (type) => editor.addNode(type),
      () => session.changed(),
    ),
    element('palette'),
  );
  render(inspector(editor), element('inspector'));
  const failed = session.problems.some(({ level }) => level === 'error') || session.run.failures > 0;
  const isOpen = isProblemListPinned ? showsProblems : failed;
  render(
    problemsPanel(editor, isOpen, () => toggleProblems(!isOpen)),
    element('problems'),
  );
  render(
    welcome(
      editor,
      () => element('picture-input').click(),
      () => act('search'),
    ),
    element('welcome'),
  );
  render(toasts(session), element('toasts'));
  renderZoom();
  document.title = `${session.history.isDirty ? '• ' : ''}${session.graph.name} – Weft`;
}

function shown() {
  const { graph, problemsByNode: problems, outputTypes: types, run, pictures, pages } = session;
  return { graph, problems, types, run, pictures, pages, descriptor: (type: string) => session.descriptor(type) };
}

function toggleProblems(show: boolean): void {
  isProblemListPinned = true;
  showsProblems = show;
  session.changed();
}

function renderZoom(): void {
  const zoom = (factor: number) => view.zoom(factor);
  render(
    zoomButtons(view.scale, zoom, () => view.fit()),
    element('zoom'),
  );
}

function openMoreMenu(): void {
  const { right, bottom } =
    element('top-bar').querySelector('[aria-haspopup]')?.getBoundingClientRect() ?? new DOMRect();
  const entry = (text: string, id: CommandId, key?: string) => ({ text, key, run: () => act(id) });
  menu.open(right - 220, bottom + 6, [
    entry('New graph', 'new', 'Alt+N'),
    { text: 'Open a file…', run: () => element('graph-input').click() },
    'line',
    entry('Save under another name…', 'save-as', 'Ctrl+Shift+S'),
    { text: 'Download as a file', run: download },
  ]);
}

function download(): void {
  const link = document.createElement('a');
  const url = URL.createObjectURL(new Blob([editor.fileText()], { type: 'application/json' }));
  link.href = url;
  link.download = `${session.graph.name}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

session.onChange(renderPage);
view.onCamera(renderZoom);
window.addEventListener('beforeunload', (event) => {
  if (session.history.isDirty) event.preventDefault();
});
// The elapsed time of a run moves without events.
setInterval(() => {
  if (session.run.isActive) session.changed();
}, 200);
renderPage();
if (token === undefined) {
  session.toast('bad', 'This page has no token', 'Open the address that `weft serve` printed, with its #token=… part.');
} else {
  void editor.start(view);
}

declare global {
  interface Window {
    /** For the browser test: where things are on the page. */
    weftView?: GraphView;
  }
}
window.weftView = view;
