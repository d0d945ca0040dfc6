import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { visualBert } from '../../../src/models/families/visual-bert.ts';
import { VisualBert } from '../../../src/models/families/visual-bert-model.ts';
import { phraseScores, questionRows } from '../../../src/models/families/visual-bert-rows.ts';
import { wordPositionMeans } from '../../../src/models/families/word-alignment.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { drawn } from './drawn-floats.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-visual-bert-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/visual-bert' }, async (checkpoint) =>
    VisualBert.build(await visualBert(checkpoint)),
  );

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('visual_bert_pretraining', join(folder, name), alterations));
}

const IDS = [1, 17, 40, 99, 2];
const DIM = 24;
const regions = (batch: number, count: number, seed = 1) => ({
  features: { data: drawn(batch * count * DIM, seed), shape: [batch, count, DIM] },
});

describe('VisualBERT against transformers', () => {
  it.each(['visual_bert_pretraining', 'visual_bert_phrase', 'visual_bert_options', 'visual_bert_untied'])(
    '%s',
    async (name) => {
      for (const precision of ['fp32', 'bf16', 'int8'] as const) {
        const outcomes = await runFixture(name, precision);
        expect(complaints(outcomes)).toEqual([]);
        expect(outcomes.length).toBeGreaterThanOrEqual(6);
      }
    },
  );
});

describe('VisualBERT', () => {
  it('gives a text with its regions the same alone and padded in a batch', async () => {
    const model = await load(join(FIXTURES, 'visual_bert_pretraining'));
    const alone = await model.run({ tokens: { ids: IDS }, regions: regions(1, 3) });
    const padded = new Float32Array(2 * 5 * DIM);
    padded.set(drawn(5 * DIM, 9));
    padded.set(drawn(3 * DIM), 5 * DIM);
    const both = await model.run({
      tokens: { ids: [...IDS, 7, 8, ...IDS, 0, 0], batch: 2, mask: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0] },
      regions: { features: { data: padded, shape: [2, 5, DIM] }, mask: [1, 1, 1, 1, 1, 1, 1, 1, 0, 0] },
    });
    const [one, two] = [alone.pooled.toFloats(), both.pooled.toFloats()];
    for (const [index, value] of one.entries()) expect(two[32 + index]).toBeCloseTo(value, 5);
    expect(both.words).toBe(7);
  });

  it.each<[string, Parameters<VisualBert['run']>[0]['regions'], string]>([
    ['features of another width', { features: { data: drawn(30), shape: [1, 3, 10] } }, '[1 x regions x 24]'],
    ['features of another batch', regions(2, 3), '[1 x regions x 24]'],
    ['no region', { features: { data: new Float32Array(), shape: [1, 0, DIM] } }, '[1 x regions x 24]'],
    ['a segment beyond its table', { ...regions(1, 3), segments: [0, 1, 2] }, 'numbers from 0 to 1'],
    ['a word beyond the positions', { ...regions(1, 1), alignment: { data: [20], shape: [1, 1, 1] } }, 'from -1 to 19'],
  ])('refuses %s', async (_, given, message) => {
    const model = await load(join(FIXTURES, 'visual_bert_pretraining'));
    await expect(model.run({ tokens: { ids: IDS }, regions: given })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining(message),
    });
  });

  it('reads buffers, and the tied matrix under its second name', async () => {
    const original = await load(join(FIXTURES, 'visual_bert_pretraining'));
    const model = await loadAltered('published', {
      rename: (name) => name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
      add: {
        'visual_bert.embeddings.position_ids': f32([1, 2], [0, 1]),
        'cls.predictions.decoder.weight': f32([120, 32], Array.from(drawn(120 * 32, 5))),
      },
    });
    const input = { tokens: { ids: IDS }, regions: regions(1, 3) };
    const [one, two] = [await original.run(input), await model.run(input)];
    expect(two.pooled.toFloats()).toEqual(one.pooled.toFloats());
    const [tied, own] = [
      await original.heads.run('vocabulary', one.hidden),
      await model.heads.run('vocabulary', two.hidden),
    ];
    expect(own.shape).toEqual(tied.shape);
    expect(own.toFloats()).not.toEqual(tied.toFloats());
    await expect(model.heads.run('phrase', one.hidden)).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('a head for "phrase"'),
    });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['bypass', { bypass_transformer: true }, 'model/unsupported', '"bypass_transformer"'],
    ['class', { architectures: ['VisualBertForCaptions'] }, 'model/unsupported', 'VisualBertForPreTraining'],
    ['width', { visual_embedding_dim: 25 }, 'model/bad-weights', 'expected [32 x 25]'],
  ])('tells what is wrong with the %s', async (name, config, code, message) => {
    await expect(loadAltered(`wrong-${name}`, { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe('questionRows', () => {
  it('is the token before the last one that is no padding', () => {
    expect(questionRows({ ids: [1, 7, 8, 2, 1, 7, 2, 0], batch: 2, mask: [1, 1, 1, 1, 1, 1, 1, 0] }, 'm')).toEqual([
      2, 1,
    ]);
    expect(questionRows({ ids: [1, 7, 2] }, 'm')).toEqual([1]);
    expect(() => questionRows({ ids: [1, 0], mask: [1, 0] }, 'm')).toThrow('at least two tokens');
  });
});

describe('phraseScores', () => {
  it('are products of phrases and regions of the same text', () => {
    const phrases = Tensor.from(Float32Array.of(1, 2, 3, 4), [2, 1, 2]);
    const seen = Tensor.from(Float32Array.of(1, 0, 0, 1, 2, 0, 0, 2), [2, 2, 2]);
    expect([...phraseScores(phrases, seen)].map((score) => score * Math.SQRT2)).toEqual(
      [1, 2, 6, 8].map((score) => expect.closeTo(score, 5)),
    );
  });
});

describe('wordPositionMeans', () => {
  const table = Float32Array.of(0, 0, 1, 10, 2, 20, 3, 30);
  it('averages positions, leaves regions without words at zero, and drops what is beyond the regions', () => {
    const alignment = { data: [1, 3, -1, -1, 2, -1], shape: [1, 3, 2] };
    expect([...wordPositionMeans(alignment, table, [1, 2, 2])]).toEqual([2, 20, 0, 0]);
  });

  it('refuses fewer rows than regions', () => {
    const alignment = { data: [1], shape: [1, 1, 1] };
    expect(() => wordPositionMeans(alignment, table, [1, 2, 2])).toThrow('[1, at least 2, words]');
  });
});
