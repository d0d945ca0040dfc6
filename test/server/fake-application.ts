/** An application without disk or models, around whatever runtime a test brings. */
import { WeftError } from '../../src/errors.ts';
import type { Application, GraphsApi } from '../../src/protocol/application.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';
import type { ModelInfo } from '../../src/protocol/model-info.ts';
import type { NodeDescriptor } from '../../src/protocol/node.ts';
import type { RuntimeApi } from '../../src/protocol/run.ts';

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

export const exampleGraph: Graph = {
  weft: 1,
  name: 'example',
  outputs: { word: ['hello', 'word'] },
  nodes: { hello: { type: 'source/word' } },
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
    return { name, title: name, description: '', revision, editable: true };
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
      pull: async () => ({ folder: 'cache/example', files: 2, bytes: 2048 }),
    },
    graphs: new MemoryGraphs(),
    uploads: { put: async (bytes, name) => ({ ref: `upload:${bytes.length}-${name}`, width: 2, height: 3 }) },
    previews: {
      encode: async (value) =>
        value.kind === 'Image' ? { mime: 'image/png', bytes: Uint8Array.of(value.width, value.height) } : undefined,
    },
    editorFolder: '/nowhere',
    serve: () => Promise.reject(new WeftError('internal')),
    close: async () => {},
    ...changes,
  };
}
