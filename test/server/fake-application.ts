/** An application without disk or models, around whatever runtime a test brings. */
import { WeftError } from '../../src/errors.ts';
import type { Application, GraphsApi } from '../../src/protocol/application.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';
import type { ModelDetails, ModelInfo } from '../../src/protocol/model-info.ts';
import type { NodeDescriptor } from '../../src/protocol/node.ts';
import type { RuntimeApi } from '../../src/protocol/run.ts';
import type { SystemReport } from '../../src/protocol/system-report.ts';

export const exampleNode: NodeDescriptor = {
  type: 'source/word',
  version: 1,
  title: 'Word',
  summary: 'Gives one word.',
  doc: 'Gives the word of its parameter.',
  params: { word: { kind: 'text', default: 'hello', doc: 'The word.' } },
  inputs: {},
  outputs: { word: { type: { kind: 'Text' }, doc: 'The word.' } },
};

export const exampleModel: ModelInfo = {
  ref: 'zoo/example',
  family: 'clip',
  source: 'zoo',
  space: 'zoo/example#abc',
  dim: 64,
  imageSize: [32, 32],
  bytes: 1_234_567,
  hash: 'ab'.repeat(32),
};

export const exampleDetails: ModelDetails = {
  ...exampleModel,
  checkpoint: {
    title: 'CLIP',
    architecture: 'CLIPModel',
    tasks: ['zero-shot-image-classification', 'image-feature-extraction'],
    parameters: 151_277_313,
    memory: { fp32: 605_109_252, bf16: 302_800_000, int8: 152_000_000 },
    graph: 'clip-zero-shot',
    paper: { title: 'CLIP', url: 'https://arxiv.org/abs/2103.00020' },
  },
};

export async function fakeDetails(model: string): Promise<ModelDetails> {
  if (model === exampleModel.ref) return exampleDetails;
  throw new WeftError('model/not-found', { model, suggestion: '' });
}

export const exampleGraph: Graph = {
  weft: 1,
  name: 'example',
  outputs: { word: ['hello', 'word'] },
  nodes: { hello: { type: 'source/word' } },
};

export const exampleReport: SystemReport = {
  weft: '1.2.3',
  node: '20.20.0',
  onnxRuntime: '1.30.0',
  platform: { system: 'linux', release: '6.1.0', architecture: 'x64' },
  processor: { model: 'Example 9000', hardwareThreads: 8, features: ['avx2', 'fma'] },
  memory: { total: 32e9, available: 16e9 },
  native: {
    isa: 'avx2',
    available: ['avx2', 'scalar'],
    threads: 8,
    memory: { used: 1e9, peak: 2e9, kept: 5e8, limit: 12e9 },
    speed: { multiplyAdds: 4e11, productsFp32: 3e11, productsInt8: 1.2e12, reading: 2e10 },
  },
  cuda: { present: false, reason: 'this build has no CUDA operators' },
  settings: { WEFT_ISA: 'avx2' },
  caches: [
    { name: 'models', folder: '/caches/hub', exists: true, files: 12, bytes: 3e9, complete: true },
    { name: 'weft', folder: '/caches/weft', exists: false, files: 0, bytes: 0, complete: true },
  ],
  problems: [],
};

/** Graphs in memory, with the revision check of the real store. */
export class MemoryGraphs implements GraphsApi {
  readonly stored = new Map<string, { graph: Graph; revision: number }>([
    ['example', { graph: exampleGraph, revision: 1 }],
  ]);

  list = async () => [...this.stored.keys()].map((name) => this.#entry(name));

  read = async (name: string) => {
    const found = this.stored.get(name);
    if (found === undefined) throw new WeftError('input/not-found', { path: `${name}.json`, base: 'the gallery' });
    return { ...this.#entry(name), graph: found.graph };
  };

  write = async (name: string, graph: Graph, revision: string | undefined) => {
    const current = this.stored.get(name);
    if (current !== undefined && String(current.revision) !== revision) {
      const details = { name, expected: String(current.revision), received: revision ?? 'none' };
      throw new WeftError('server/conflict', details);
    }
    this.stored.set(name, { graph, revision: (current?.revision ?? 0) + 1 });
    return this.#entry(name);
  };

  #entry(name: string) {
    const revision = String(this.stored.get(name)?.revision);
    return { name, title: name, description: '', revision, editable: true, models: [] };
  }
}

export function fakeApplication(runtime: RuntimeApi, changes: Partial<Application> = {}): Application {
  return {
    version: '1.2.3',
    runtime,
    nodes: [exampleNode],
    models: {
      list: async () => [exampleModel],
      info: async (model) => {
        if (model === exampleModel.ref) return exampleModel;
        throw new WeftError('model/not-found', { model, suggestion: '' });
      },
      details: async (model) => fakeDetails(model),
      pull: async () => ({ folder: 'cache/example', files: 2, bytes: 2048 }),
    },
    checkpoints: { convert: async () => ({ file: 'model.safetensors', tensors: 2, bytes: 2048 }) },
    graphs: new MemoryGraphs(),
    uploads: { put: async (bytes, name) => ({ ref: `upload:${bytes.length}-${name}`, width: 2, height: 3 }) },
    previews: {
      encode: async (value) =>
        value.kind === 'Image' ? { mime: 'image/png', bytes: Uint8Array.of(value.width, value.height) } : undefined,
    },
    system: { memory: () => ({ resident: 1000, native: null }), report: async () => exampleReport },
    editorFolder: '/nowhere',
    serve: () => Promise.reject(new WeftError('internal')),
    close: async () => {},
    ...changes,
  };
}
