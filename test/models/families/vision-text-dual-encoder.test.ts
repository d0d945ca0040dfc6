import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dinov2 } from '../../../src/models/families/dinov2.ts';
import { visionTextDualEncoder } from '../../../src/models/families/vision-text-dual-encoder.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { f32, type TensorToStore } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-dual-'));
});
afterAll(() => rm(folder, { recursive: true }));

const altered = (name: string, alterations: Alterations) =>
  alterCheckpoint('dual_clip_bert', join(folder, name), alterations);

const load = (place: string) => fromCheckpoint(place, { model: 'test/dual' }, visionTextDualEncoder);

describe('VisionTextDualEncoder against transformers', () => {
  it.each(['dual_clip_bert', 'lit_deit_roberta'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(14);
    }
  });
});

const picture = (side: number) => ({
  data: Float32Array.from({ length: 3 * side * side }, (_, index) => Math.sin(0.37 * index)),
  shape: [1, 3, side, side],
});

describe('the tower of pictures', () => {
  it('may be CLIP’s as transformers 4 names it, one level deeper', async () => {
    const rename = (name: string) => name.replace('vision_model.', 'vision_model.vision_model.');
    const embed = async (place: string) => {
      const build = async (checkpoint: Parameters<typeof visionTextDualEncoder>[0]) =>
        PictureTower.build((await visionTextDualEncoder(checkpoint)).vision);
      const tower = await fromCheckpoint(place, { model: 'test/dual' }, build);
      return (await tower.run(picture(32))).head!.toFloats();
    };
    const deeper = await embed(await altered('deeper', { rename }));
    expect(deeper).toEqual(await embed(join(FIXTURES, 'dual_clip_bert')));
  });

  it('may be DINOv2’s, whose class token is projected', async () => {
    const source = join(FIXTURES, 'dinov2_options');
    const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8'));
    const diagonal = Float32Array.from({ length: 24 * 24 }, (_, index) => (index % 25 === 0 ? 2 : 0));
    const place = await altered('dinov2', {
      config: { vision_config: config, projection_dim: 24 },
      rename: (name) => (/^vision_model|projection/.test(name) ? undefined : name),
      add: {
        ...(await stored(source, 'vision_model.')),
        'visual_projection.weight': f32([24, 24], [...diagonal]),
        'text_projection.weight': f32([24, 32], new Array(24 * 32).fill(0)),
      },
    });
    const projected = await fromCheckpoint(place, { model: 'test/dual' }, async (checkpoint) =>
      PictureTower.build((await visionTextDualEncoder(checkpoint)).vision),
    );
    const plain = await fromCheckpoint(source, { model: 'test/dinov2' }, (one) => PictureTower.build(dinov2(one)));
    const expected = (await plain.run(picture(21))).head!.toFloats();
    for (const [index, value] of (await projected.run(picture(21))).head!.toFloats().entries())
      expect(value).toBeCloseTo(2 * expected[index]!, 5);
  });
});

describe('VisionTextDualEncoder checkpoints', () => {
  it('name a tower of a kind that is not read', async () => {
    await expect(
      load(await altered('kind', { config: { vision_config: { model_type: 'swin' } } })),
    ).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringMatching(/one of vit, deit, .* for "vision_config.model_type" of config.json.*"swin"/),
    });
  });

  it('must say what their towers are', async () => {
    await expect(load(await altered('silent', { config: { text_config: {} } }))).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('"text_config.model_type"'),
    });
  });

  it('need the poolers', async () => {
    const rename = (name: string) => (name.startsWith('text_model.pooler') ? undefined : name);
    await expect(load(await altered('no-pooler', { rename }))).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"text_model.pooler.dense.weight" is missing, expected [32 x 32]'),
    });
  });
});

async function stored(source: string, prefix: string): Promise<Record<string, TensorToStore>> {
  const file = await NativeWeightFile.open(join(source, 'model.safetensors'));
  const tensors: Record<string, TensorToStore> = {};
  for (const { name, dtype, shape } of file.tensors.values()) {
    const data = await file.read(name);
    tensors[prefix + name] = { dtype, shape, bytes: new Uint8Array(data.buffer) };
  }
  file.close();
  return tensors;
}
