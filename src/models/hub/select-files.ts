/** Which files of a repository a pull takes. Pure. */
import { WeftError } from '../../errors.ts';
import { fullForm, isModelFile, isOnnx, isPickle, isRefused, isSafetensors } from '../model-files.ts';
import type { RepositoryFile } from './repository.ts';

/**
 * Without patterns: configuration, tokenizer, safetensors and ONNX files, of each network the full form only.
 * With patterns: what they match; pickles, msgpack and HDF5 only where a pattern is their exact name.
 * Throws `model/unsupported` when there are no weights Weft can load, `model/missing-file` when a pattern matches none.
 */
export function selectFiles(
  files: readonly RepositoryFile[],
  patterns: readonly string[] | undefined,
  repo: string,
): RepositoryFile[] {
  const chosen = patterns === undefined || patterns.length === 0 ? byDefault(files) : byPatterns(files, patterns, repo);
  if (patterns !== undefined && patterns.length > 0) return chosen;
  if (!chosen.some(({ path }) => isSafetensors(path) || isOnnx(path))) {
    const others = files.filter(({ path }) => isRefused(path)).map(({ path }) => path);
    const received = others.length === 0 ? 'none' : `${others.slice(0, 5).join(', ')}${wayOut(others)}`;
    throw new WeftError('model/unsupported', { model: repo, expected: 'safetensors or ONNX weights', received });
  }
  return chosen;
}

/** Whether a pull without patterns finds pickles, and no weights that Weft loads. */
export function hasOnlyPickles(files: readonly RepositoryFile[], patterns: readonly string[] = []): boolean {
  if (patterns.length > 0 || byDefault(files).some(({ path }) => isSafetensors(path) || isOnnx(path))) return false;
  return files.some(({ path }) => isPickle(path));
}

/** Pickles can be had by their exact name, and converted. */
function wayOut(paths: readonly string[]): string {
  const pickle = paths.find(isPickle);
  if (pickle === undefined) return '';
  return ` (take one with \`--file ${pickle}\`, then \`weft models convert\` makes safetensors of it)`;
}

function byDefault(files: readonly RepositoryFile[]): RepositoryFile[] {
  const paths = new Set(files.map(({ path }) => path));
  return files.filter(({ path }) => {
    const full = fullForm(path);
    return isModelFile(path) && (full === undefined || !paths.has(full));
  });
}

function byPatterns(files: readonly RepositoryFile[], patterns: readonly string[], repo: string): RepositoryFile[] {
  const chosen = new Set<RepositoryFile>();
  for (const pattern of patterns) {
    const expression = globExpression(pattern);
    const matching = files.filter(({ path }) => path === pattern || (expression.test(path) && !isRefused(path)));
    if (matching.length === 0) {
      const all = files.map(({ path }) => path);
      const shown = all.length > 20 ? `${all.slice(0, 20).join(', ')} and ${all.length - 20} more` : all.join(', ');
      throw new WeftError('model/missing-file', { model: repo, file: `"${pattern}"`, hint: `It has ${shown}.` });
    }
    for (const file of matching) chosen.add(file);
  }
  return files.filter((file) => chosen.has(file));
}

/** As Python's huggingface_hub reads patterns: `*` also crosses folders, `?` is one character. */
function globExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's');
}
