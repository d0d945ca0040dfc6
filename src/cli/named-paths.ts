/** Paths a person typed on the command line may be read: they already have that right, and the graph's author does not gain it. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const GLOB = /[*?[\]{}]/;

/** A model is its folder: weights, configuration and tokenizer lie beside each other. */
const MODEL_FILE = /\.(onnx|safetensors)$/i;

/** The existing files and folders that `--set` values name: of a glob the folder before its first wildcard, of a model file its folder. */
export function namedPaths(values: Readonly<Record<string, string | readonly string[]>>, cwd: string): string[] {
  const texts = Object.values(values).flat();
  return texts
    .filter((text) => text !== '' && text.length < 4096 && !/^\w{2,}:/.test(text))
    .map((text) => resolve(cwd, fixedPart(text)))
    .filter((path) => existsSync(path))
    .map((path) => (MODEL_FILE.test(path) ? dirname(path) : path))
    .filter((path) => path !== dirname(path));
}

/** `photos/*.jpg` -> `photos`; a path without wildcards is returned whole. */
export function fixedPart(path: string): string {
  if (!GLOB.test(path)) return path;
  const parts = path.split(/[\\/]/);
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => GLOB.test(part)),
  );
  return fixed.length === 1 && fixed[0] === '' ? '/' : fixed.join('/') || '.';
}
