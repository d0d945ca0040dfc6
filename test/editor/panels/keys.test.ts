import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { commandOf, KEY_COMMANDS, withKey } from '../../../editor/src/panels/keys.ts';

const plain = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };

test('keystrokes find their command', () => {
  expect(commandOf({ ...plain, key: 'Enter', ctrlKey: true })).toBe('run');
  expect(commandOf({ ...plain, key: 'Enter' })).toBeUndefined();
  expect(commandOf({ ...plain, key: 'z', metaKey: true })).toBe('undo');
  expect(commandOf({ ...plain, key: 'Z', ctrlKey: true, shiftKey: true })).toBe('redo');
  expect(commandOf({ ...plain, key: '?', shiftKey: true })).toBe('help');
  expect(commandOf({ ...plain, key: '+', shiftKey: true })).toBe('zoom-in');
  expect(commandOf({ ...plain, key: ' ' })).toBe('search');
  expect(commandOf({ ...plain, key: 'f' })).toBe('fit');
  expect(commandOf({ ...plain, key: 'a' })).toBeUndefined();
});

test('no key has two commands', () => {
  const keys = KEY_COMMANDS.flatMap((command) => command.keys as readonly string[]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(withKey('Run', 'run')).toBe('Run (Ctrl+Enter)');
});

test('docs/editor.md lists exactly these keys', async () => {
  const docs = await readFile(new URL('../../../docs/editor.md', import.meta.url), 'utf8');
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'));
  const expected = KEY_COMMANDS.map(({ keys, text }) => `| ${keys.map((key) => `\`${key}\``).join(', ')} | ${text} |`);
  expect(rows).toEqual(expected);
});
