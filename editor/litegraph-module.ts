/**
 * Vite plugin: turns litegraph's core build, a script over `this`, into a module without `eval` or `new Function`,
 * so that it loads under a strict Content-Security-Policy. Fails the build if upstream is not what it expects.
 */
import type { Plugin } from 'vite';

const NAMES = ['LiteGraph', 'LGraph', 'LLink', 'LGraphNode', 'LGraphGroup', 'DragAndScale', 'LGraphCanvas'];

/** Code that a strict policy forbids, and what stands in for it; neither is reached from the editor. */
const FORBIDDEN: readonly (readonly [string, string])[] = [
  ['v = eval(v);', 'v = Number(v);'],
  ['(new Function("with(this) { " + code + "}")).call(this);', 'throw new Error("scripts in nodes are not allowed");'],
];

export function litegraphModule(): Plugin {
  return {
    name: 'litegraph-module',
    transform(code, id) {
      if (!id.replaceAll('\\', '/').includes('litegraph.js/build/litegraph.core.js')) return undefined;
      return { code: toModule(code), map: null };
    },
  };
}

/** The script's source as a module that exports its classes. */
export function toModule(script: string): string {
  let source = script;
  for (const [forbidden, replacement] of FORBIDDEN) {
    if (!source.includes(forbidden)) throw new Error(`litegraph: expected "${forbidden}" in the core build`);
    source = source.replaceAll(forbidden, replacement);
  }
  const scope = 'const scope = {};\n(function (exports) {\n';
  const exported = NAMES.map((name) => `export const ${name} = scope.${name} ?? scope.LiteGraph.${name};`).join('\n');
  return `${scope}${source}\n}).call(scope, undefined);\n${exported}\n`;
}
