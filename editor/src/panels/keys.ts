/**
 * Every command with its keys, once: shortcuts, button titles, the help table and docs/editor.md read this list.
 * Must not hold what the commands do (main.ts binds them).
 */
export interface KeyCommand {
  readonly id: string;
  readonly text: string;
  /** As written on keys: `Ctrl+Enter`; Ctrl is Command on a Mac. The first one is shown on buttons. */
  readonly keys: readonly string[];
  readonly section: 'Run' | 'Edit' | 'View' | 'Graph';
}

export const KEY_COMMANDS = [
  { id: 'run', text: 'Run the graph', keys: ['Ctrl+Enter'], section: 'Run' },
  { id: 'cancel', text: 'Cancel the run', keys: ['Ctrl+.'], section: 'Run' },
  { id: 'search', text: 'Add a node by name', keys: ['Space', 'Ctrl+K'], section: 'Edit' },
  { id: 'undo', text: 'Undo', keys: ['Ctrl+Z'], section: 'Edit' },
  { id: 'redo', text: 'Redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], section: 'Edit' },
  { id: 'delete', text: 'Delete the selected nodes or wire', keys: ['Delete', 'Backspace'], section: 'Edit' },
  { id: 'duplicate', text: 'Duplicate', keys: ['Ctrl+D'], section: 'Edit' },
  { id: 'copy', text: 'Copy', keys: ['Ctrl+C'], section: 'Edit' },
  { id: 'cut', text: 'Cut', keys: ['Ctrl+X'], section: 'Edit' },
  { id: 'paste', text: 'Paste nodes or a picture', keys: ['Ctrl+V'], section: 'Edit' },
  { id: 'select-all', text: 'Select all nodes', keys: ['Ctrl+A'], section: 'Edit' },
  { id: 'group', text: 'Group the selected nodes', keys: ['Ctrl+G'], section: 'Edit' },
  { id: 'deselect', text: 'Select nothing, close what is open', keys: ['Escape'], section: 'Edit' },
  { id: 'fit', text: 'Zoom to fit', keys: ['F', 'Ctrl+0'], section: 'View' },
  { id: 'zoom-in', text: 'Zoom in', keys: ['+'], section: 'View' },
  { id: 'zoom-out', text: 'Zoom out', keys: ['-'], section: 'View' },
  { id: 'arrange', text: 'Arrange the nodes', keys: ['Shift+A'], section: 'View' },
  { id: 'help', text: 'Show this help', keys: ['?'], section: 'View' },
  { id: 'new', text: 'New graph', keys: ['Alt+N'], section: 'Graph' },
  { id: 'open', text: 'Open the gallery', keys: ['Ctrl+O'], section: 'Graph' },
  { id: 'save', text: 'Save', keys: ['Ctrl+S'], section: 'Graph' },
  { id: 'save-as', text: 'Save under another name', keys: ['Ctrl+Shift+S'], section: 'Graph' },
] as const satisfies readonly KeyCommand[];

export type CommandId = (typeof KEY_COMMANDS)[number]['id'];

interface Keystroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The command of a keystroke, if it has one. */
export function commandOf(stroke: Keystroke): CommandId | undefined {
  return KEY_COMMANDS.find(({ keys }) => keys.some((key) => matches(key, stroke)))?.id;
}

export function keysOf(id: CommandId): readonly string[] {
  return KEY_COMMANDS.find((command) => command.id === id)?.keys ?? [];
}

/** Text for a tooltip: `Undo (Ctrl+Z)`. */
export function withKey(text: string, id: CommandId): string {
  const [key] = keysOf(id);
  return key === undefined ? text : `${text} (${key})`;
}

function matches(written: string, stroke: Keystroke): boolean {
  const parts = written === '+' ? ['+'] : written.split('+');
  const key = parts.at(-1) as string;
  const wants = (modifier: string) => parts.slice(0, -1).includes(modifier);
  const pressed = stroke.key === ' ' ? 'Space' : stroke.key;
  if (pressed.toLowerCase() !== key.toLowerCase()) return false;
  // Signs such as ? and + already need Shift on many keyboards.
  const shiftMatters = /^([a-z0-9]|[A-Z][a-z]+)$/i.test(key);
  if (shiftMatters && stroke.shiftKey !== wants('Shift')) return false;
  return (stroke.ctrlKey || stroke.metaKey) === wants('Ctrl') && stroke.altKey === wants('Alt');
}
