/**
 * The layer rule: arrows point down only, type imports count, leaves stay browser-safe.
 * Pure: takes files, returns sentences; the test feeds it the tree and bad samples.
 */
import { posix } from 'node:path';
import type { SourceFile } from './source-tree.ts';

/** Which areas each area may import. An area may always import itself. */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'src/errors': [],
  'src/protocol': ['src/errors'],
  'src/graph': ['src/protocol', 'src/errors'],
  'src/native': ['src/protocol', 'src/errors'],
  'src/files': ['src/graph', 'src/protocol', 'src/errors'],
  'src/image': ['src/native', 'src/protocol', 'src/errors'],
  'src/text': ['src/protocol', 'src/errors'],
  'src/metrics': ['src/errors'],
  'src/models': ['src/text', 'src/image', 'src/native', 'src/graph', 'src/protocol', 'src/errors'],
  'src/system': ['src/models', 'src/native', 'src/protocol', 'src/errors'],
  'src/nodes': [
    'src/models',
    'src/text',
    'src/image',
    'src/files',
    'src/native',
    'src/graph',
    'src/protocol',
    'src/errors',
  ],
  'src/runtime': ['src/graph', 'src/protocol', 'src/errors'],
  'src/server': ['src/graph', 'src/protocol', 'src/errors'],
  'src/cli': ['src/graph', 'src/protocol', 'src/errors'],
  editor: ['src/graph', 'src/protocol', 'src/errors'],
};

/** The only files that may see everything. */
const COMPOSITION = new Set(['src/app.ts', 'src/index.ts']);

/** Areas that run in the browser: no node: modules, and of packages only these. */
const BROWSER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'src/errors': [],
  'src/protocol': ['zod'],
  'src/graph': ['zod', '@noble/hashes'],
  editor: ['litegraph.js', 'lit-html', 'zod', '@noble/hashes'],
};

/** Packages that one place alone may import. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  'litegraph.js': /^editor\/src\/canvas\//,
  'onnxruntime-node': /^src\/models\/onnx\//,
  '@huggingface/tokenizers': /^src\/text\//,
  '@huggingface/hub': /^src\/models\/hub\//,
  sharp: /^src\/image\//,
  fastify: /^src\/server\//,
  ws: /^src\/server\//,
  commander: /^src\/cli\//,
};

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

export function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

export function areaOf(path: string): string {
  if (path.startsWith('editor/')) return 'editor';
  const parts = path.split('/');
  return `${parts[0]}/${(parts[1] ?? '').replace(/\.ts$/, '')}`;
}

export function layerViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => importsOf(file.text).flatMap((target) => violation(file.path, target)));
}

function violation(path: string, target: string): string[] {
  const area = areaOf(path);
  if (target.startsWith('.')) return relativeViolation(path, area, target);
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
  const owner = OWNERS[name];
  if (owner !== undefined && !owner.test(path) && !isBuildConfig(path)) {
    return [`${path} imports ${name}, which only files matching ${owner.source} may`];
  }
  const packages = BROWSER_PACKAGES[area];
  if (packages !== undefined && !packages.includes(name) && !isBuildConfig(path)) {
    return [
      `${path} imports ${target}, but ${area} runs in the browser (allowed: ${packages.join(', ') || 'nothing'})`,
    ];
  }
  return [];
}

function relativeViolation(path: string, area: string, target: string): string[] {
  if (COMPOSITION.has(path) || isBuildConfig(path)) return [];
  const resolved = posix.normalize(posix.join(posix.dirname(path), target));
  if (COMPOSITION.has(resolved)) return [`${path} imports ${resolved}, the composition root`];
  const other = areaOf(resolved);
  if (other === area || resolved === 'package.json') return [];
  const allowed = ALLOWED[area];
  if (allowed === undefined) return [`${path} lies in ${area}, which has no place in the layer table`];
  return allowed.includes(other) ? [] : [`${path} imports ${resolved}: ${area} may not reach ${other}`];
}

function isBuildConfig(path: string): boolean {
  return path === 'editor/vite.config.ts' || path === 'editor/litegraph-module.ts';
}
