/**
 * Who a model is, by its contents: the hash of all its files, and the space its embeddings live in.
 * Pure; hashes of files come from hash/hash-cache.ts.
 */
import { createHash } from 'node:crypto';
import { isOnnx, isSafetensors } from './model-files.ts';

export interface NamedHash {
  /** Relative to the model's folder, with forward slashes. */
  readonly name: string;
  readonly hash: string;
}

/** SHA-256 over names and contents, hex: changes when any file does. */
export function modelHash(files: readonly NamedHash[]): string {
  const lines = files.map(({ name, hash }) => `${hash}  ${name}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/**
 * `clip-shapes#1a2b3c4d`: equal for equal weights, wherever they lie and whatever their folder is called.
 * The weights are the safetensors files, which every export of a checkpoint shares; without any, the ONNX files with
 * the data beside them. The part before `#` only helps reading, so it too comes from the contents.
 */
export function spaceOf(label: string, files: readonly NamedHash[]): string {
  const safetensors = files.filter(({ name }) => isSafetensors(name));
  const weights = safetensors.length > 0 ? safetensors : files.filter(({ name }) => isOnnx(name) || isExternal(name));
  const hashes = weights.map(({ hash }) => hash).sort();
  const digest = createHash('sha256').update(hashes.join('\n')).digest('hex');
  return `${label}#${digest.slice(0, 8)}`;
}

function isExternal(name: string): boolean {
  return !/\.(?:json|txt)$/i.test(name);
}
