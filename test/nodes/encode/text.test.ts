import { describe, expect, it } from 'vitest';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import encodeText from '../../../src/nodes/encode/text.ts';
import { runBatch, runNode } from '../call-node.ts';
import { familyOf, refusesOtherModels, text } from '../fake-family.ts';

const tasks: Tasks = {
  'text-feature-extraction': async ({ texts }) => texts.map((one) => Float32Array.of(one.length, texts.length)),
};

describe('encode/text', () => {
  it('gives the embedding with space, scale and the label', async () => {
    const services = familyOf(tasks, { embedding: { dim: 2, logitScale: 5 } });
    const { embedding } = await runNode(encodeText, { model: 'a/b' }, { text: text('a cat', 'cat') }, services);
    const space = { kind: 'Embedding', space: 'trial#1', logitScale: 5, label: 'cat' };
    expect(embedding).toEqual({ ...space, data: Float32Array.of(5, 1) });
  });

  it('encodes texts in one batch', async () => {
    const calls = [{ text: text('a') }, { text: text('bcd') }];
    expect(await runBatch(encodeText, { model: 'a/b' }, calls, familyOf(tasks))).toMatchObject([
      { embedding: { data: Float32Array.of(1, 2), label: 'a' } },
      { embedding: { data: Float32Array.of(3, 2), label: 'bcd' } },
    ]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(encodeText, { text: text('a') }));
});
