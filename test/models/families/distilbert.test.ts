import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distilbert } from '../../../src/models/families/distilbert.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-distilbert-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint('distilbert_sst2', join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/distilbert' }, (checkpoint) => TextTower.build(distilbert(checkpoint)));
}

describe('DistilBERT', () => {
  it.each(['distilbert_model', 'distilbert_sst2', 'distilbert_masked'])('%s as in transformers', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes).toHaveLength(5);
    }
  });

  it('is a bare model without a head where its configuration says so', async () => {
    const tower = await loadAltered('bare', { config: { architectures: ['DistilBertModel'] } });
    const result = await tower.run({ ids: [2, 7, 9, 3] });
    expect(result.head).toBeUndefined();
    expect(result.hidden!.shape).toEqual([1, 4, 24]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['an activation that is not computed here', { activation: 'mish' }, 'model/unsupported', 'for "activation"'],
    ['heads that do not divide the width', { n_heads: 7 }, 'model/bad-config', 'a divisor of the width, 24,'],
    [
      'another class',
      { architectures: ['DistilBertForTokenClassification'] },
      'model/unsupported',
      'DistilBertForMaskedLM',
    ],
    ['layers that the file does not have', { n_layers: 3 }, 'model/bad-weights', 'layer.2.'],
  ])('refuses %s', async (name, config, code, message) => {
    await expect(loadAltered(name.replaceAll(' ', '-'), { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
