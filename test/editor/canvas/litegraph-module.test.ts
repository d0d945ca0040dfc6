import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { toModule } from '../../../editor/litegraph-module.ts';

const path = createRequire(import.meta.url).resolve('litegraph.js/build/litegraph.core.js');

test('the core build becomes a module without eval or new Function', async () => {
  const module = toModule(await readFile(path, 'utf8'));
  expect(module).not.toMatch(/\beval\s*\(/);
  expect(module).not.toMatch(/new\s+Function\s*\(/);
  for (const name of ['LiteGraph', 'LGraph', 'LLink', 'LGraphNode', 'LGraphCanvas']) {
    expect(module).toContain(`export const ${name} =`);
  }
});

test('a build that is not what we know fails loudly', () => {
  expect(() => toModule('(function (global) {})(this);')).toThrow(/litegraph: expected/);
});
