import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chineseClip } from '../../../src/models/families/chinese-clip.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-chinese-clip-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint('chinese_clip', join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/chinese-clip' }, chineseClip);
}

describe('Chinese-CLIP against transformers', () => {
  it.each(['chinese_clip', 'chinese_clip_options'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(11);
    }
  });
});

describe('Chinese-CLIP checkpoints', () => {
  it('may hold a pooler and numbers of positions, which are ignored', async () => {
    const { dim, similarity } = await loadAltered('extras', {
      add: {
        'text_model.pooler.dense.weight': f32([1, 2], [0, 1]),
        'text_model.embeddings.position_ids': f32([1, 2], [0, 1]),
        'vision_model.embeddings.position_ids': f32([1, 2], [0, 1]),
      },
    });
    expect(dim).toBe(20);
    expect(similarity).toEqual({ scale: expect.closeTo(Math.exp(2.1), 4) });
  });

  it('tell what they lack', async () => {
    const rename = (name: string) => (name === 'text_projection.weight' ? undefined : name);
    await expect(loadAltered('partial', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"text_projection.weight" is missing, expected [20 x 32]'),
    });
  });

  it('name the tower whose option is not carried out', async () => {
    const config = { text_config: { position_embedding_type: 'relative_key' } };
    await expect(loadAltered('option', { config })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('for "text_config.position_embedding_type" of config.json'),
    });
  });
});
