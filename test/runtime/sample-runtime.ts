/** Small node types over texts, and a runtime of them, for tests of how graphs run. */
import { WeftError } from '../../src/errors.ts';
import type { RunEvent, RunEventType } from '../../src/protocol/event.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';
import type { AnyNodeDefinition, EmittedItem, NodeContext } from '../../src/protocol/node.ts';
import type { ParamValue } from '../../src/protocol/param.ts';
import type { RunResult } from '../../src/protocol/run.ts';
import type { TextValue, Value } from '../../src/protocol/value.ts';
import { Runtime, type RuntimeOptions } from '../../src/runtime/index.ts';

export type Texts = Readonly<Record<string, TextValue>>;
/** What a node of these tests is called with. */
export interface Call<I = Readonly<Record<string, TextValue>>> {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly inputs: I;
  readonly context: NodeContext<undefined>;
}

const TEXT = { type: { kind: 'Text' as const }, doc: '' };

/** Texts in, one text out, unless `parts` says otherwise. */
export function node(type: string, parts: Partial<AnyNodeDefinition<undefined>>): AnyNodeDefinition<undefined> {
  const words = { title: type, summary: type, doc: type };
  return { type, version: 1, ...words, params: {}, inputs: { a: TEXT }, outputs: { text: TEXT }, ...parts };
}

export function text(content: string): { text: TextValue } {
  return { text: { kind: 'Text', text: content } };
}

/** Emits one item for each of its texts; `error:X` is a broken item. */
export const LIST = node('test/list', {
  params: { texts: { kind: 'texts', default: [], doc: '' } },
  inputs: {},
  emitsList: true,
  async *emit({ params }: Call): AsyncGenerator<EmittedItem<Texts>> {
    for (const item of params.texts as string[]) {
      if (item.startsWith('error:'))
        yield { key: item, error: new WeftError('input/bad-image', { name: item, reason: 'broken' }) };
      else yield { key: item, fingerprint: item, outputs: async () => text(item) };
    }
  },
});

export const ONE = node('test/one', {
  params: { text: { kind: 'text', default: 'one', doc: '' } },
  inputs: {},
  run: async ({ params }: Call) => text(params.text as string),
});

/** Capitals; the text "bad" fails. */
export const UPPER = node('test/upper', {
  run: async ({ inputs }: Call) => {
    const { text: content } = inputs.a!;
    if (content === 'bad') throw new TypeError('does not like "bad".');
    return text(content.toUpperCase());
  },
});

export const PAIR = node('test/pair', {
  inputs: { a: TEXT, b: { ...TEXT, optional: true } },
  run: async ({ inputs }: Call<{ a: TextValue; b?: TextValue }>) => {
    const { a, b } = inputs;
    return text(`${a.text}${b === undefined ? '' : `-${b.text}`}`);
  },
});

/** The whole list as one text. */
export const JOIN = node('test/join', {
  inputs: { a: { ...TEXT, whole: true }, b: { ...TEXT, whole: true, optional: true } },
  run: async ({ inputs }: Call<{ a: TextValue[]; b?: TextValue[] }>) => {
    const { a, b } = inputs;
    const join = (list: TextValue[]): string => list.map((item) => item.text).join('+');
    return text(b === undefined ? join(a) : `${join(a)}|${join(b)}`);
  },
});

export const SAMPLES = [LIST, ONE, UPPER, PAIR, JOIN];

export function runtimeOf(
  nodes: readonly AnyNodeDefinition<undefined>[] = [],
  options: Partial<RuntimeOptions<undefined>> = {},
): Runtime<undefined> {
  const registry = new Map([...SAMPLES, ...nodes].map((definition) => [definition.type, definition]));
  return new Runtime({ registry, services: undefined, modelsFor: async () => () => undefined, ...options });
}

export function graphOf(nodes: Graph['nodes'], outputs: Graph['outputs'] = {}, more: Partial<Graph> = {}): Graph {
  return { weft: 1, name: 'test', nodes, outputs, ...more };
}

/** The texts of one output, in item order. */
export function textsOf(result: RunResult, output: string): string[] {
  return (result.outputs[output] ?? []).map(({ value }) => (value as Extract<Value, { text: string }>).text);
}

export async function eventsOf(run: { events(from?: number): AsyncIterable<RunEvent> }): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  return events;
}

export function typesOf(events: readonly RunEvent[], nodeId: string): RunEventType[] {
  return events.filter((event) => 'node' in event && event.node === nodeId).map(({ type }) => type);
}

/** A promise and what settles it. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Lets everything that can happen without waiting for anything outside happen. */
export async function settled(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
