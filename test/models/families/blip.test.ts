import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blipRetrieval } from '../../../src/models/families/blip.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
let text: Record<string, unknown>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-blip-'));
  text = JSON.parse(await readFile(join(FIXTURES, 'blip_retrieval', 'config.json'), 'utf8')).text_config;
});
afterAll(() => rm(folder, { recursive: true }));

const open = (place: string) =>
  fromCheckpoint(place, { model: 'test/blip' }, (checkpoint: Checkpoint) => blipRetrieval(checkpoint));

describe('BLIP against transformers', () => {
  it.each([
    ['blip_retrieval', 5],
    ['blip_caption_options', 11],
    ['blip_vqa_options', 6],
  ])('%s', async (name, outputs) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBe(outputs);
    }
  });
});

describe('BLIP', () => {
  it('ignores the positions that old files hold', async () => {
    const add = { 'text_encoder.embeddings.position_ids': f32([1, 1], [0]) };
    expect((await open(await alterCheckpoint('blip_retrieval', join(folder, 'old'), { add }))).dim).toBe(20);
  });

  it('refuses texts that do not read rows as wide as those of the picture', async () => {
    const config = { text_config: { ...text, encoder_hidden_size: 24 } };
    await expect(open(await alterCheckpoint('blip_retrieval', join(folder, 'wide'), { config }))).rejects.toMatchObject(
      {
        code: 'model/bad-config',
        message: expect.stringContaining('40, the width of the rows that are read'),
      },
    );
  });

  it('does not support texts that never see pictures, and says so', async () => {
    const config = { text_config: { ...text, is_decoder: false } };
    await expect(
      open(await alterCheckpoint('blip_retrieval', join(folder, 'blind'), { config })),
    ).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('"text_config.is_decoder"'),
    });
  });
});
