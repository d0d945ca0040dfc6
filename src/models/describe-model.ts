/** Describes one model folder: reads its configuration, hashes its files. Remembers nothing itself. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { WeftError } from '../errors.ts';
import type { ModelInfo } from '../protocol/model-info.ts';
import { fileState } from './file-state.ts';
import type { HashCache } from './hash/hash-cache.ts';
import { modelHash, spaceOf } from './identity.ts';
import type { Located } from './locate-model.ts';
import { readFacts } from './model-facts.ts';
import { isModelFile, isOnnx, MODEL_PARTS } from './model-files.ts';
import { readJson } from './read-json.ts';

export interface Described {
  readonly info: ModelInfo;
  /** Changes when a file of the model does. */
  readonly state: string;
  /** Weights outside the files looked for by name: real paths that its ONNX files tell. */
  readonly external: readonly string[];
}

interface Present {
  readonly name: string;
  readonly path: string;
  readonly state: string;
}

/** `before` is what an earlier call gave: it is given again while no file has changed. */
export async function describeModel(
  { ref, source, folder, file }: Located,
  hashes: HashCache,
  before: Described | undefined,
): Promise<Described> {
  const files =
    file === undefined ? await filesOf(folder) : [await present(folder, file)].filter((one) => one !== undefined);
  // Which data lies outside is told by files whose state counts too: if they are the same, so is the list.
  if (before !== undefined && before.state === stateOf(folder, files, await statesOf(before.external))) return before;

  const config = file === undefined ? await readJson(folder, 'config.json', ref) : undefined;
  const processor = file === undefined ? await readJson(folder, 'preprocessor_config.json', ref) : undefined;
  const { family, label, dim, imageSize } = readFacts(config, processor);
  const loadable = family ?? (files.some(({ name }) => isOnnx(name)) ? 'onnx' : undefined);
  if (loadable === undefined) {
    const hint = 'A model folder holds config.json and model.safetensors as published on the hub, or an ONNX file.';
    throw new WeftError('model/missing-file', { model: ref, file: 'config.json or an ONNX file', hint });
  }
  const { named, bytes, external, states } = await hashAll(folder, files, hashes);
  const info: ModelInfo = {
    ref,
    family: loadable,
    source,
    space: spaceOf(label ?? family ?? nameOf(file), named),
    ...(dim === undefined ? {} : { dim }),
    ...(imageSize === undefined ? {} : { imageSize }),
    bytes,
    hash: modelHash(named),
  };
  return { info, state: stateOf(folder, files, states), external };
}

function stateOf(folder: string, files: readonly Present[], external: readonly (string | undefined)[]): string {
  return JSON.stringify([folder, ...files.map((one) => [one.name, one.state]), external]);
}

function statesOf(paths: readonly string[]): Promise<(string | undefined)[]> {
  return Promise.all(paths.map(async (path) => (await present('', path))?.state));
}

/** A bare ONNX file carries no name inside. */
function nameOf(file: string | undefined): string {
  return file === undefined ? 'onnx' : basename(file).replace(/\.onnx$/i, '');
}

async function hashAll(folder: string, files: readonly Present[], hashes: HashCache) {
  const hashed = await hashes.hash(files.map(({ path }) => path));
  const reals = new Set(await Promise.all(files.map(({ path }) => realpath(path))));
  const external = [...new Set(hashed.flatMap((one) => one.external).filter((path) => !reals.has(path)))];
  // Before they are read: what changes meanwhile must count as changed the next time.
  const states = await statesOf(external);
  const beside = await hashes.hash(external);
  const realFolder = await realpath(folder);
  const named = [
    ...hashed.map(({ hash }, index) => ({ name: files[index]!.name, hash })),
    ...beside.map(({ path, hash }) => ({ name: relative(realFolder, path).split(sep).join('/'), hash })),
  ];
  const bytes = [...hashed, ...beside].reduce((sum, one) => sum + one.bytes, 0);
  return { named, bytes, external, states };
}

async function filesOf(folder: string): Promise<Present[]> {
  const names: string[] = [];
  for (const part of MODEL_PARTS) {
    const found = await readdir(join(folder, part)).catch(() => []);
    names.push(...found.map((name) => part + name).filter(isModelFile));
  }
  const files = await Promise.all(names.sort().map((name) => present(folder, name)));
  return files.filter((one) => one !== undefined);
}

async function present(folder: string, name: string): Promise<Present | undefined> {
  const path = join(folder, name);
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  if (!facts?.isFile()) return undefined;
  return { name, path, state: fileState(facts) };
}
