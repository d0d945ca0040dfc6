/** Keys, clipboard, drops and file inputs of the page, bound to the editor's methods. */
import type { GraphView } from './canvas/graph-view.ts';
import type { Editor } from './editor.ts';
import { element } from './page.ts';
import { NODE_DRAG } from './palette/palette.ts';
import type { PageDialogs } from './panels/dialogs.ts';
import { type CommandId, commandOf } from './panels/keys.ts';

/** Binds everything; returns what a button calls. */
export function bindInput(editor: Editor, view: GraphView, dialogs: PageDialogs): (id: CommandId) => void {
  const act = commandTable(editor, view, dialogs);
  bindKeys(editor, dialogs, act);
  bindClipboard(editor);
  bindDrops(editor, view);
  bindFiles(editor);
  element('canvas').addEventListener('dblclick', ({ clientX, clientY }) => {
    if (view.nodeAt(clientX, clientY) === undefined) void searchAt(editor, view, dialogs, clientX, clientY);
  });
  return act;
}

function commandTable(editor: Editor, view: GraphView, dialogs: PageDialogs): (id: CommandId) => void {
  const { session } = editor;
  const open = async () => {
    const name = await dialogs.gallery(session.graphs, () => element('graph-input').click());
    if (name !== undefined) await editor.openStored(name);
  };
  const table: Readonly<Record<CommandId, () => void>> = {
    run: () => {
      // A field that is being typed in gives its value when it loses the focus.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      editor.runGraph();
    },
    cancel: () => editor.cancelRun(),
    search: () => void searchAt(editor, view, dialogs),
    undo: () => session.undo(),
    redo: () => session.redo(),
    delete: () => editor.deleteSelection(),
    duplicate: () => editor.duplicate(),
    copy: () => document.execCommand('copy'),
    cut: () => document.execCommand('cut'),
    paste: () => editor.paste(),
    'select-all': () => editor.selectAll(),
    group: () => editor.group(),
    deselect: () => session.select([]),
    fit: () => view.fit(),
    'zoom-in': () => view.zoom(1.2),
    'zoom-out': () => view.zoom(1 / 1.2),
    arrange: () => editor.arrange(),
    help: () => void dialogs.keys(),
    new: () => void editor.newGraph(),
    open: () => void open(),
    save: () => void editor.save(),
    'save-as': () => void editor.saveAs(),
  };
  return (id) => table[id]();
}

/** Work while a text field has the focus, too. */
const EVERYWHERE: ReadonlySet<CommandId> = new Set(['run', 'cancel', 'save', 'save-as', 'open']);
/** The browser's own copy, cut and paste events do these, with the system's clipboard. */
const BY_EVENT: ReadonlySet<CommandId> = new Set(['copy', 'cut', 'paste']);

function bindKeys(editor: Editor, dialogs: PageDialogs, act: (id: CommandId) => void): void {
  window.addEventListener('keydown', (event) => {
    if (dialogs.isOpen) return;
    const id = commandOf(event);
    if (id === undefined || BY_EVENT.has(id)) return;
    if (isTyping(event.target) && !EVERYWHERE.has(id)) return;
    // Space and Enter on a button are the button's.
    if (id === 'search' && event.key === ' ' && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    if (id === 'deselect' && event.target instanceof HTMLElement && event.target !== element('canvas'))
      event.target.blur();
    act(id);
    editor.session.changed();
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'range', 'file'].includes(target.type);
}

function bindClipboard(editor: Editor): void {
  const put = (event: ClipboardEvent, text: string | undefined) => {
    if (text === undefined) return;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  const isTextSelected = () => String(getSelection() ?? '') !== '';
  document.addEventListener('copy', (event) => {
    if (!isTyping(event.target) && !isTextSelected()) put(event, editor.copy());
  });
  document.addEventListener('cut', (event) => {
    if (!isTyping(event.target) && !isTextSelected()) put(event, editor.cut());
  });
  document.addEventListener('paste', (event) => {
    const picture = pictureIn(event.clipboardData);
    if (picture !== undefined) {
      event.preventDefault();
      void editor.takePicture(picture, undefined);
    } else if (!isTyping(event.target) && editor.paste(event.clipboardData?.getData('text/plain')))
      event.preventDefault();
  });
}

function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith('image/'));
}

function bindDrops(editor: Editor, view: GraphView): void {
  const stage = element('stage');
  const note = element('drop-note');
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  window.addEventListener('dragover', (event) => event.preventDefault());
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    note.hidden = true;
  });
  stage.addEventListener('dragover', (event) => {
    note.hidden = !hasFiles(event);
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  });
  stage.addEventListener('dragleave', (event) => {
    if (!stage.contains(event.relatedTarget as Node | null)) note.hidden = true;
  });
  stage.addEventListener('drop', (event) => {
    const at = view.toCanvas(event.clientX, event.clientY);
    const type = event.dataTransfer?.getData(NODE_DRAG) ?? '';
    const [file] = event.dataTransfer?.files ?? [];
    if (type !== '') editor.addNode(type, [at[0] - 130, at[1] - 19]);
    else if (file?.type === 'application/json' || file?.name.endsWith('.json') === true) void editor.openFile(file);
    else if (file !== undefined) void editor.takePicture(file, view.nodeAt(event.clientX, event.clientY), at);
  });
}

function bindFiles(editor: Editor): void {
  const take = (id: string, use: (file: File) => void) => {
    const input = element<HTMLInputElement>(id);
    input.addEventListener('change', () => {
      const [file] = input.files ?? [];
      if (file !== undefined) use(file);
      input.value = '';
    });
  };
  take('picture-input', (file) => void editor.takePicture(file, undefined));
  take('graph-input', (file) => void editor.openFile(file));
}

async function searchAt(
  editor: Editor,
  view: GraphView,
  dialogs: PageDialogs,
  clientX?: number,
  clientY?: number,
): Promise<void> {
  const at = clientX === undefined || clientY === undefined ? undefined : view.toCanvas(clientX, clientY);
  const type = await dialogs.search(editor.session.nodes, undefined);
  if (type !== undefined) editor.addNode(type, at);
}
