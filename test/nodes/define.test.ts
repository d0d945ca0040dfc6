/** The types a node author sees; tsc checks the annotations, Vitest that they describe what really comes. */
import { describe, expect, it } from 'vitest';
import { defineNode } from '../../src/nodes/define.ts';
import { runNode } from './call-node.ts';

const trial = defineNode({
  type: 'free/trial',
  version: 1,
  title: 'Trial',
  summary: 'For this test only.',
  doc: 'Exercises the inference of every kind of parameter and input.',
  params: {
    count: { kind: 'number', doc: 'a number', default: 3 },
    words: { kind: 'texts', doc: 'texts', optional: true },
    mode: { kind: 'choice', doc: 'a choice', options: ['up', 'down'], default: 'up' },
  },
  inputs: {
    tensor: { type: { kind: 'Tensor', shape: [3, null] }, doc: 'one' },
    all: { type: { kind: 'Embedding' }, doc: 'whole', whole: true },
    maybe: { type: { kind: 'Image' }, doc: 'optional', optional: true },
  },
  outputs: { text: { type: { kind: 'Text' }, doc: 'a text' } },
  async run({ params, inputs }) {
    const count: number = params.count;
    const words: readonly string[] | undefined = params.words;
    const mode: 'up' | 'down' = params.mode;
    // @ts-expect-error a choice is one of its options
    const wrong: 'sideways' = params.mode;
    // @ts-expect-error an optional input may be absent
    const width = (): number => inputs.maybe.width;
    // @ts-expect-error there is no such input
    const nothing: undefined = inputs.other;
    const shape: readonly number[] = inputs.tensor.shape;
    const spaces: string[] = inputs.all.map(({ space }) => space);
    const parts = [count, words, mode, String(wrong) === mode, nothing, shape, spaces, inputs.maybe === undefined];
    if (inputs.maybe !== undefined) parts.push(width());
    return { text: { kind: 'Text', text: JSON.stringify(parts) } };
  },
});

describe('defineNode', () => {
  it('types parameters and inputs by their specifications', async () => {
    const tensor = { kind: 'Tensor', dtype: 'float32', shape: [3, 0], data: new Float32Array() } as const;
    const all = [{ kind: 'Embedding', space: 's', data: new Float32Array(1) }] as const;
    const { text } = await runNode(trial, {}, { tensor, all, maybe: undefined });
    expect(JSON.parse(text.text)).toEqual([3, null, 'up', true, null, [3, 0], ['s'], true]);
  });
});
