/**
 * The models on this machine: those of the zoo, those in the hub's cache, those in folders of the person at work.
 * Finds, describes and identifies them; loads none, downloads none.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WeftError } from '../errors.ts';
import type { ModelInfo, ModelLookup } from '../protocol/model-info.ts';
import { weftCacheFolder } from './cache-folder.ts';
import { type Described, describeModel } from './describe-model.ts';
import { HashCache } from './hash/hash-cache.ts';
import { cachedRepositories, hubCacheFolder } from './hub-cache.ts';
import { type Located, locateModel } from './locate-model.ts';
import { isOnnx } from './model-files.ts';

export interface ModelStoreOptions {
  /** Weft's own models: `zoo/NAME`. */
  readonly zooFolder: string;
  /** The cache shared with Python's huggingface_hub; HF_HUB_CACHE or HF_HOME decide when left out. */
  readonly hubFolder?: string;
  /** Where hashes are remembered; WEFT_CACHE decides when left out. */
  readonly cacheFolder?: string;
  /**
   * The real path of what a person named, inside the allowed folders (FileAccess.locate). Throws input/outside-roots or
   * input/not-found. Left out: paths are no model references.
   */
  readonly locate?: (path: string) => Promise<string>;
}

export class ModelStore {
  readonly #places: Required<Omit<ModelStoreOptions, 'cacheFolder'>>;
  readonly #hashes: HashCache;
  readonly #known = new Map<string, Described>();

  constructor({ zooFolder, hubFolder, cacheFolder, locate }: ModelStoreOptions) {
    const refuse = (path: string): Promise<string> => Promise.reject(new WeftError('input/outside-roots', { path }));
    this.#places = { zooFolder, hubFolder: hubFolder ?? hubCacheFolder(), locate: locate ?? refuse };
    this.#hashes = new HashCache(cacheFolder ?? weftCacheFolder());
  }

  /** Models of the zoo and of the hub's cache; a folder that holds nothing Weft can load is left out. */
  async list(): Promise<readonly ModelInfo[]> {
    const infos: ModelInfo[] = [];
    for (const ref of await this.#references()) {
      const info = await this.info(ref).catch(undefinedForModelErrors);
      if (info !== undefined) infos.push(info);
    }
    return infos;
  }

  /**
   * Throws `model/not-found`, `model/missing-file` (nothing to load in its folder), `model/bad-config`,
   * and for a path `input/not-found`, `input/outside-roots`.
   */
  async info(ref: string): Promise<ModelInfo> {
    const located = await this.#locate(ref);
    const described = await describeModel(located, this.#hashes, this.#known.get(ref));
    this.#known.set(ref, described);
    return described.info;
  }

  /** Whether its files are here; opens none. */
  async has(ref: string): Promise<boolean> {
    const located = await locateModel(ref, this.#places, async () => []).catch(undefinedForModelErrors);
    return located !== undefined;
  }

  /** Where its files lie: the folder, or the file where the reference names one. Throws as `info` does. */
  async folder(ref: string): Promise<string> {
    const { folder, file } = await this.#locate(ref);
    return file === undefined ? folder : join(folder, file);
  }

  /**
   * The ONNX file a reference means: the file itself, or `model.onnx`, or the only one of the folder and its `onnx`
   * folder. Throws `model/missing-file`, which lists what is there when that is more than one.
   */
  async onnxFile(ref: string): Promise<string> {
    const { folder, file } = await this.#locate(ref);
    if (file !== undefined) return join(folder, file);
    const names = await onnxFilesOf(folder);
    const chosen = names.find((name) => basename(name) === 'model.onnx') ?? (names.length === 1 ? names[0] : undefined);
    if (chosen !== undefined) return join(folder, chosen);
    const hint =
      names.length === 0
        ? 'Name a folder that holds one, or an .onnx file.'
        : `It has ${names.join(', ')}: name one of them by its path.`;
    throw new WeftError('model/missing-file', { model: ref, file: 'one ONNX file', hint });
  }

  /** What the validator asks, answered beforehand for the references of one graph: a model, or what is wrong with it. */
  async lookupFor(refs: Iterable<string>): Promise<ModelLookup> {
    const infos = new Map<string, ModelInfo>();
    const problems = new Map<string, WeftError>();
    for (const ref of new Set(refs)) {
      const info = await this.info(ref).catch((thrown) => {
        if (isBroken(thrown)) problems.set(ref, thrown);
        return undefinedForModelErrors(thrown);
      });
      if (info !== undefined) infos.set(ref, info);
    }
    return Object.assign((ref: string) => infos.get(ref), { problem: (ref: string) => problems.get(ref) });
  }

  #locate(ref: string): Promise<Located> {
    return locateModel(ref, this.#places, () => this.#references());
  }

  async #references(): Promise<string[]> {
    const { zooFolder, hubFolder } = this.#places;
    const entries = await readdir(zooFolder, { withFileTypes: true }).catch(() => []);
    const zoo = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    return [...zoo.map((entry) => `zoo/${entry.name}`).sort(), ...(await cachedRepositories(hubFolder))];
  }
}

async function onnxFilesOf(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const part of ['', 'onnx/']) {
    for (const name of await readdir(join(folder, part)).catch(() => [])) {
      const facts = isOnnx(name) ? await stat(join(folder, part, name)).catch(() => undefined) : undefined;
      if (facts?.isFile()) names.push(part + name);
    }
  }
  return names.sort();
}

/** Something is there, but no model that can be told. */
function isBroken(thrown: unknown): thrown is WeftError {
  return thrown instanceof WeftError && thrown.code.startsWith('model/') && thrown.code !== 'model/not-found';
}

function undefinedForModelErrors(thrown: unknown): undefined {
  if (thrown instanceof WeftError && /^(?:model|input)\//.test(thrown.code)) return undefined;
  throw thrown;
}
