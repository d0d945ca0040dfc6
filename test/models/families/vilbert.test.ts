import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vilbert } from '../../../src/models/families/vilbert.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-vilbert-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, alterations: Alterations) {
  const place = await alterCheckpoint('vilbert_coattention', join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/vilbert' }, vilbert);
}

describe('ViLBERT against its equations', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)('agrees in %s', async (precision) => {
    const outcomes = await runFixture('vilbert_coattention', precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(8);
  });
});

describe('ViLBERT', () => {
  it('finds its blocks in a published checkpoint and leaves the rest', async () => {
    const blocks = await read('published', {
      rename: (name) => `bert.encoder.${name}`,
      add: {
        'bert.encoder.c_layer.0.biOutput.q_dense1.weight': f32([1], [1]),
        'bert.embeddings.word_embeddings.weight': f32([1], [1]),
        'bert.encoder.v_layer.0.output.dense.bias': f32([1], [1]),
      },
    });
    expect(blocks.map(({ vision, text }) => [vision.width, text.width])).toEqual([
      [32, 40],
      [32, 40],
    ]);
  });

  it('tells which tensor of a block is missing', async () => {
    const rename = (name: string) => (name === 'c_layer.1.biattention.key2.weight' ? undefined : name);
    await expect(read('missing', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"c_layer.1.biattention.key2.weight" is missing, expected [48 x 40]'),
    });
  });

  it('refuses heads that do not divide the common width, and activations it does not know', async () => {
    await expect(read('heads', { config: { bi_num_attention_heads: 5 } })).rejects.toMatchObject({
      code: 'model/bad-config',
    });
    await expect(read('activation', { config: { v_hidden_act: 'mish' } })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('"v_hidden_act"'),
    });
  });
});
