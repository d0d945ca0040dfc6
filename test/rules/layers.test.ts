import { describe, expect, it } from 'vitest';
import { importsOf, layerViolations } from './layers.ts';
import { readSources } from './source-tree.ts';

describe('layers', () => {
  it('holds in the tree', () => {
    const files = readSources(/^(src|editor)\/.*\.ts$/);
    expect(files.length).toBeGreaterThan(20);
    expect(layerViolations(files)).toEqual([]);
  });

  const red: [string, string, string][] = [
    ['an arrow that points up', 'src/graph/order.ts', `import { Runtime } from '../runtime/runtime.ts';`],
    ['a type import that points up', 'src/nodes/a.ts', `import type { Run } from '../runtime/run.ts';`],
    ['a dynamic import that points up', 'src/models/a.ts', `const x = await import('../nodes/registry.ts');`],
    ['a re-export that points up', 'src/native/a.ts', `export * from '../image/decode.ts';`],
    ['siblings that must not know each other', 'src/cli/a.ts', `import { startServer } from '../server/server.ts';`],
    ['a node module in a browser leaf', 'src/protocol/a.ts', `import { join } from 'node:path';`],
    ['a server package in the editor', 'editor/src/a.ts', `import fastify from 'fastify';`],
    ['litegraph outside its adapter', 'editor/src/app.ts', `import { LGraph } from 'litegraph.js';`],
    ['the composition root below itself', 'src/server/a.ts', `import { createApplication } from '../app.ts';`],
    ['a folder nobody placed', 'src/misc/a.ts', `import { z } from '../protocol/index.ts';`],
    [
      'the editor reaching the runtime',
      'editor/src/a.ts',
      `import type { Runtime } from '../../src/runtime/runtime.ts';`,
    ],
  ];
  it.each(red)('refuses %s', (_, path, text) => {
    expect(layerViolations([{ path, text }])).toHaveLength(1);
  });

  it('reads every form of import and no comments', () => {
    const text = `import a from 'a';\nimport type { B } from './b.ts';\nexport { c } from "c";\nimport 'd';\nimport(\n'e')\n// import 'no';\n/* import 'no' */\nimport {\n  f,\n} from 'f';`;
    expect(importsOf(text).sort()).toEqual(['./b.ts', 'a', 'c', 'd', 'e', 'f']);
  });
});
