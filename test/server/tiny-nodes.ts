/** Nodes that need no model: enough for real runs with lists, failures, slow work and files. */
import { setTimeout as wait } from 'node:timers/promises';
import { WeftError } from '../../src/errors.ts';
import { type AnyNodeDefinition, describeNode, type NodeDefinition } from '../../src/protocol/node.ts';
import { Runtime, type RuntimeOptions } from '../../src/runtime/index.ts';

const text = { kind: 'Text' } as const;

/** Typed loosely: a test node reads what it declared. */
function node(definition: NodeDefinition<null>): AnyNodeDefinition<null> {
  return definition;
}

const base = { version: 1, title: 'Tiny', summary: 'For tests only.', doc: 'For tests only.' };

const definitions: readonly AnyNodeDefinition<null>[] = [
  node({
    ...base,
    type: 'source/words',
    params: { words: { kind: 'texts', default: ['red', 'green'], doc: 'Words.' } },
    inputs: {},
    outputs: { word: { type: text, doc: 'One word.' } },
    emitsList: true,
    async *emit({ params }) {
      for (const word of params.words as readonly string[]) {
        const outputs = async () => ({ word: { kind: 'Text', text: word } as const });
        if (word === 'broken')
          yield { key: word, error: new WeftError('input/bad-image', { name: word, reason: 'it is cut short' }) };
        else yield { key: word, fingerprint: word, outputs };
      }
    },
  }),
  node({
    ...base,
    type: 'source/nowhere',
    params: {},
    inputs: {},
    outputs: { word: { type: text, doc: 'Never made.' } },
    emitsList: true,
    // biome-ignore lint/correctness/useYield: a source that finds nothing to emit.
    async *emit() {
      throw new WeftError('input/not-found', { path: 'nowhere', base: 'the working folder' });
    },
  }),
  node({
    ...base,
    type: 'source/file',
    params: { path: { kind: 'source', accept: 'file', doc: 'A file.' } },
    inputs: {},
    outputs: { text: { type: text, doc: 'Its text.' } },
    fingerprint: async () => String(Math.random()),
    async run({ params }) {
      const { readFile } = await import('node:fs/promises');
      return { text: { kind: 'Text', text: await readFile(params.path as string, 'utf8') } };
    },
  }),
  node({
    ...base,
    type: 'head/score',
    params: { labels: { kind: 'texts', default: ['a cat', 'a dog', 'a very small bird'], doc: 'Labels.' } },
    inputs: { word: { type: text, doc: 'A word.' } },
    outputs: { scores: { type: { kind: 'Scores' }, doc: 'Scores.' } },
    async run({ params, inputs }) {
      const labels = params.labels as readonly string[];
      const scores = labels.map((label, index) => ({ label, score: 0.8 / (index * index * 4 + 1) }));
      return {
        scores: { kind: 'Scores', entries: scores, normalized: true, subject: (inputs.word as { text: string }).text },
      };
    },
  }),
  node({
    ...base,
    type: 'free/sleep',
    params: { milliseconds: { kind: 'number', default: 10_000, doc: 'How long.' } },
    inputs: {},
    outputs: { word: { type: text, doc: 'A word.' } },
    async run({ params, context }) {
      await wait(params.milliseconds as number, undefined, { signal: context.signal });
      return { word: { kind: 'Text', text: 'rested' } };
    },
  }),
  node({
    ...base,
    type: 'free/defect',
    params: {},
    inputs: {},
    outputs: { word: { type: text, doc: 'Never made.' } },
    async run() {
      throw new TypeError('cannot read a property of undefined');
    },
  }),
  node({
    ...base,
    type: 'sink/words',
    params: {},
    inputs: { words: { type: text, doc: 'Words.', whole: true } },
    outputs: {},
    sink: true,
    async run({ context }) {
      context.progress(1, 1, 'words.txt');
      return {};
    },
  }),
];

export const tinyNodes = definitions.map((definition) => describeNode(definition));

export function tinyRuntime(limits: Partial<RuntimeOptions<null>> = {}): Runtime<null> {
  return new Runtime({
    registry: new Map(definitions.map((definition) => [definition.type, definition])),
    services: null,
    modelsFor: async () => () => undefined,
    ...limits,
  });
}
