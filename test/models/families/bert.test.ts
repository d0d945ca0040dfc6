import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bert, placeAfter } from '../../../src/models/families/bert.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-bert-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string, architecture?: string) =>
  fromCheckpoint(place, { model: 'test/bert' }, (checkpoint) =>
    TextTower.build(bert(checkpoint, 'bert', architecture)),
  );

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('bert', join(folder, name), alterations));
}

const IDS = [2, 17, 40, 99, 3];

describe('BERT and RoBERTa against transformers', () => {
  const cases = ['bert', 'bert_options', 'bert_sst2', 'bert_masked', 'roberta', 'roberta_classifier', 'roberta_masked'];
  it.each(cases)('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(5);
    }
  });
});

describe('BERT', () => {
  it('gives a text the same alone and padded in a batch', async () => {
    const tower = await load(join(FIXTURES, 'bert'));
    const alone = (await tower.run({ ids: IDS })).head!.toFloats();
    const ids = [...[2, 5, 6, 7, 8, 9, 10, 3], ...IDS, 0, 0, 0];
    const mask = [...Array(13).fill(1), 0, 0, 0];
    const both = (await tower.run({ ids, batch: 2, mask })).head!.toFloats();
    for (const [index, value] of alone.entries()) expect(value).toBeCloseTo(both[48 + index]!, 5);
  });

  it('refuses texts that are longer than its positions, and ids beyond its vocabulary', async () => {
    const tower = await load(join(FIXTURES, 'bert'));
    await expect(tower.run({ ids: Array(21).fill(5) })).rejects.toMatchObject({
      code: 'model/bad-input',
      message:
        'Model "test/bert" expects 1 texts of one length, from 1 to 20 tokens, for its input "input_ids", received 21 tokens.',
    });
    await expect(tower.run({ ids: [5, 6, 7], batch: 2 })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(tower.run({ ids: [120] })).rejects.toMatchObject({ code: 'native/out-of-range' });
    await expect(tower.run({ ids: [5], segments: [2] })).rejects.toMatchObject({ code: 'native/out-of-range' });
  });

  it('reads old names, a prefix, buffers and the heads of pretraining', async () => {
    const original = await load(join(FIXTURES, 'bert'));
    const pretrained = await loadAltered('pretrained', {
      rename: (name) =>
        `bert.${name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta')}`,
      add: { 'cls.predictions.bias': f32([2], [0, 0]), 'bert.embeddings.position_ids': f32([1, 2], [0, 1]) },
    });
    const expected = (await original.run({ ids: IDS })).head!.toFloats();
    expect((await pretrained.run({ ids: IDS })).head!.toFloats()).toEqual(expected);
  });

  it('has no head where the file has no pooler', async () => {
    const tower = await loadAltered('bare', { rename: (name) => (name.startsWith('pooler') ? undefined : name) });
    expect((await tower.run({ ids: IDS })).head).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'decoders',
      { is_decoder: true },
      'Expected false for "is_decoder" of config.json in model "test/bert", received true.',
    ],
    ['cross-attention', { add_cross_attention: true }, 'for "add_cross_attention"'],
    ['relative positions', { position_embedding_type: 'relative_key' }, 'received "relative_key"'],
    ['other tasks', { architectures: ['BertForTokenClassification'] }, 'BertForSequenceClassification'],
  ])('does not support %s, and says so', async (name, config, message) => {
    await expect(loadAltered(name.replaceAll(' ', '-'), { config })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining(message),
    });
  });

  it('tells the shapes that the configuration asks for', async () => {
    const failing = loadAltered('vocabulary', { config: { vocab_size: 121, intermediate_size: 81 } });
    await expect(failing).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"embeddings.word_embeddings.weight" has shape [120 x 48], expected [121 x 48]'),
    });
  });
});

describe('placeAfter', () => {
  it('counts tokens on from the padding, whose positions do not count', () => {
    expect(placeAfter(1)([0, 7, 1, 8, 1])).toEqual([2, 3, 1, 4, 1]);
  });
});
