/** Nodes that do nothing but hand a text on, and graphs of them: what is left to measure is the runtime. */
import type { Graph } from '../../src/protocol/graph-file.ts';
import type { AnyNodeDefinition } from '../../src/protocol/node.ts';
import type { TextValue } from '../../src/protocol/value.ts';
import { Runtime, type RuntimeOptions } from '../../src/runtime/index.ts';

type Definition = AnyNodeDefinition<undefined>;

const TEXT = { type: { kind: 'Text' as const }, doc: '' };
const WORDS = { version: 1, title: '', summary: '', doc: '' };

const START: Definition = {
  ...WORDS,
  type: 'bench/start',
  params: { text: { kind: 'text', default: '', doc: '' } },
  inputs: {},
  outputs: { text: TEXT },
  run: async ({ params }) => ({ text: { kind: 'Text', text: params.text as string } }),
};

const PASS: Definition = {
  ...WORDS,
  type: 'bench/pass',
  params: { weight: { kind: 'number', default: 1, doc: '' } },
  inputs: { text: TEXT },
  outputs: { text: TEXT },
  run: async ({ inputs }) => ({ text: (inputs as unknown as { text: TextValue }).text }),
};

/** Emits `count` texts once `open` resolves. */
export function listNode(open: Promise<void> = Promise.resolve()): Definition {
  return {
    ...WORDS,
    type: 'bench/list',
    params: { count: { kind: 'number', default: 1, doc: '' } },
    inputs: {},
    outputs: { text: TEXT },
    emitsList: true,
    async *emit({ params }) {
      await open;
      for (let index = 0; index < (params.count as number); index++) {
        const key = `item-${index}`;
        yield { key, fingerprint: key, outputs: async () => ({ text: { kind: 'Text', text: key } }) };
      }
    },
  };
}

export function trivialRuntime(
  list = listNode(),
  options: Partial<RuntimeOptions<undefined>> = {},
): Runtime<undefined> {
  const registry = new Map([START, PASS, list].map((definition) => [definition.type, definition]));
  return new Runtime({ registry, services: undefined, modelsFor: async () => () => undefined, ...options });
}

/** One after the other: the longest possible order. */
export function chainGraph(length: number): Graph {
  const nodes: Graph['nodes'] = { n0: { type: 'bench/start' } };
  for (let index = 1; index < length; index++) {
    nodes[`n${index}`] = { type: 'bench/pass', params: { weight: index }, in: { text: [`n${index - 1}`, 'text'] } };
  }
  return { weft: 1, name: 'chain', outputs: { last: [`n${length - 1}`, 'text'] }, nodes };
}

/** Layers of ten, each node reading one of the layer before: much may run at a time. */
export function layeredGraph(count: number): Graph {
  const nodes: Graph['nodes'] = {};
  for (let index = 0; index < count; index++) {
    const from: [string, string] = [`n${index - 10}`, 'text'];
    nodes[`n${index}`] =
      index < 10
        ? { type: 'bench/start', params: { text: `${index}` } }
        : { type: 'bench/pass', params: { weight: index }, in: { text: from } };
  }
  const outputs = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`last${index}`, [`n${count - 10 + index}`, 'text'] as [string, string]]),
  );
  return { weft: 1, name: 'layers', outputs, nodes };
}

export function mappedGraph(count: number): Graph {
  return {
    weft: 1,
    name: 'mapped',
    outputs: { texts: ['pass', 'text'] },
    nodes: {
      list: { type: 'bench/list', params: { count } },
      pass: { type: 'bench/pass', in: { text: ['list', 'text'] } },
    },
  };
}
