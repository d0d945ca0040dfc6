import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vit } from '../../../src/models/families/vit.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-vit-'));
});
afterAll(() => rm(folder, { recursive: true }));

const load = (place: string) =>
  fromCheckpoint(place, { model: 'test/vit' }, (checkpoint) => PictureTower.build(vit(checkpoint, 'vit')));

async function loadAltered(name: string, alterations: Alterations) {
  return load(await alterCheckpoint('vit', join(folder, name), alterations));
}

const pictures = (batch: number, height = 32, width = 32) => {
  const data = Float32Array.from({ length: batch * 3 * height * width }, (_, index) => Math.sin(0.37 * index));
  return { data, shape: [batch, 3, height, width] };
};

describe('ViT and DeiT against transformers', () => {
  it.each(['vit', 'vit_model_options', 'vit_rectangle', 'deit'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(4);
    }
  });
});

describe('ViT', () => {
  it('gives a picture the same logits alone and in a batch', async () => {
    const tower = await load(join(FIXTURES, 'vit'));
    const many = pictures(5);
    const all = (await tower.run(many)).head!.toFloats();
    const one = { data: many.data.slice(3 * 3 * 1024, 4 * 3 * 1024), shape: [1, 3, 32, 32] };
    const alone = (await tower.run(one, { outputs: { hidden: false } })).head!;
    expect(alone.shape).toEqual([1, 7]);
    for (const [index, value] of alone.toFloats().entries()) expect(value).toBeCloseTo(all[3 * 7 + index]!, 5);
  });

  it('takes another size only when it may resize its positions', async () => {
    const tower = await load(join(FIXTURES, 'vit'));
    await expect(tower.run(pictures(1, 48, 40))).rejects.toMatchObject({
      code: 'model/bad-input',
      message:
        'Model "test/vit" expects float32 [batch x 3 x 32 x 32] for its input "pixel_values", received [1 x 3 x 48 x 40].',
    });
    const resized = await tower.run(pictures(1, 48, 40), { resizePositions: true });
    expect(resized.hidden!.shape).toEqual([1, 31, 48]);
    const grey = { data: new Float32Array(1024), shape: [1, 1, 32, 32] };
    await expect(tower.run(grey, { resizePositions: true })).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it('reads the names that transformers 5 gives in memory', async () => {
    const renames: [RegExp, string][] = [
      [/encoder\.layer\./, 'layers.'],
      [/attention\.attention\.(query|key|value)/, 'attention.$1_proj'],
      [/attention\.output\.dense/, 'attention.o_proj'],
      [/intermediate\.dense/, 'mlp.fc1'],
      [/output\.dense/, 'mlp.fc2'],
    ];
    const rename = (name: string) =>
      renames
        .reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name)
        .replace(/(query|key|value)_proj/, (_, part: string) => `${part[0]}_proj`);
    const [old, renamed] = [await load(join(FIXTURES, 'vit')), await loadAltered('renamed', { rename })];
    const expected = (await old.run(pictures(1))).head!.toFloats();
    expect((await renamed.run(pictures(1))).head!.toFloats()).toEqual(expected);
  });

  it('is a bare model without a pooler where the file has none', async () => {
    const rename = (name: string) => (name.startsWith('classifier') ? undefined : name);
    const tower = await loadAltered('bare', { config: { architectures: ['ViTModel'] }, rename });
    const result = await tower.run(pictures(2));
    expect(result.head).toBeUndefined();
    expect(result.hidden!.shape).toEqual([2, 17, 48]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['an unknown activation', { hidden_act: 'mish' }, 'model/unsupported', 'for "hidden_act" of config.json'],
    [
      'heads that do not divide the width',
      { num_attention_heads: 5 },
      'model/bad-config',
      'a divisor of the width, 48,',
    ],
    ['a picture smaller than a patch', { image_size: 4 }, 'model/bad-config', 'at least the patch size, 8 x 8,'],
    [
      'text for a number',
      { hidden_size: '48' },
      'model/bad-config',
      '"hidden_size" in config.json of model "test/vit"',
    ],
    [
      'another class',
      { architectures: ['ViTForMaskedImageModeling'] },
      'model/unsupported',
      'ViTForImageClassification',
    ],
    ['quantised weights', { quantization_config: { bits: 4 } }, 'model/unsupported', 'quantization_config'],
    [
      'heads that are too wide',
      { hidden_size: 600, num_attention_heads: 2 },
      'model/unsupported',
      'heads of at most 256',
    ],
  ])('refuses %s', async (name, config, code, message) => {
    await expect(loadAltered(name.replaceAll(' ', '-'), { config })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('lists everything that is missing, misshapen or unexpected', async () => {
    const failing = loadAltered('broken', {
      rename: (name) => (name === 'vit.layernorm.bias' || name === 'classifier.bias' ? undefined : name),
      add: { 'classifier.bias': f32([2], [1, 2]), 'vit.extra': f32([1], [0]) },
    });
    await expect(failing).rejects.toMatchObject({
      code: 'model/bad-weights',
      details: {
        reason: [
          '3 tensors do not fit:',
          '  "classifier.bias" has shape [2], expected [7];',
          '  "vit.layernorm.bias" or "vit.layernorm.beta" is missing, expected [48];',
          '  "vit.extra" of shape [1] is unexpected',
        ].join('\n'),
      },
    });
  });

  it('refuses weights that are no numbers, by name', async () => {
    const failing = loadAltered('nan', {
      rename: (name) => (name === 'classifier.bias' ? undefined : name),
      add: { 'classifier.bias': f32([7], [0, 0, 0, Number.NaN, 0, 0, 0]) },
    });
    await expect(failing).rejects.toMatchObject({
      code: 'native/not-finite',
      message: expect.stringContaining('classifier.bias'),
    });
  });
});
