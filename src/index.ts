/** The package's face: what `import … from 'weft'` gives. */
import { readFile } from 'node:fs/promises';
import { WeftError } from './errors.ts';
import { parseGraph } from './graph/index.ts';
import type { Graph } from './protocol/graph-file.ts';

export { type ApplicationOptions, createApplication } from './app.ts';
export { ERRORS, type ErrorCode, type ErrorShape, EXIT, WeftError } from './errors.ts';
export { parseGraph, saveGraph, validateGraph } from './graph/index.ts';
export { capabilities } from './native/capabilities.ts';
export { defineNode } from './nodes/define.ts';
export * from './protocol/index.ts';
export { Runtime, type RuntimeLimits, type RuntimeOptions } from './runtime/index.ts';

/** Reads a saved graph and checks its shape. Throws `input/not-found`, `graph/not-json`, `graph/bad-shape` and their like. */
export async function loadGraph(path: string): Promise<Graph> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new WeftError('input/not-found', { path, base: process.cwd() }, { cause });
  });
  return parseGraph(text, {}, path);
}
