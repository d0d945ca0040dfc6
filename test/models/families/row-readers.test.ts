import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { distilledDeit } from '../../../src/models/families/deit-distilled.ts';
import { dinov2Classifier } from '../../../src/models/families/dinov2-classifier.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { RowReader } from '../../../src/models/towers/row-reader.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { f32, type TensorToStore } from '../../native/safetensors-bytes.ts';
import { drawnImage, taskFolder } from '../pipelines/task-folder.ts';
import { alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

describe.each([
  ['deit_distilled', 12],
  ['dinov2_swiglu', 8],
])('%s against transformers', (name, count) => {
  it.each(['fp32', 'bf16', 'int8'] as const)('in %s', async (precision) => {
    const outcomes = await runFixture(name, precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(count);
  });
});

/** The names that transformers gives the same matrices in memory. */
async function splitGates(): Promise<Record<string, TensorToStore>> {
  const file = await NativeWeightFile.open(join(FIXTURES, 'dinov2_swiglu', 'model.safetensors'));
  const split: Record<string, TensorToStore> = {};
  for (const { name, shape } of file.tensors.values()) {
    if (!name.includes('weights_in')) continue;
    const numbers = await file.readFloats(name);
    const half = [shape[0]! / 2, ...shape.slice(1)];
    const middle = numbers.length / 2;
    split[name.replace('weights_in', 'gate_proj')] = f32(half, [...numbers.subarray(0, middle)]);
    split[name.replace('weights_in', 'up_proj')] = f32(half, [...numbers.subarray(middle)]);
  }
  file.close();
  return split;
}

describe('the classifier of DINOv2', () => {
  it('reads gate and values also from two matrices', async () => {
    const folder = await alterCheckpoint('dinov2_swiglu', join(temporaryFolder(), 'split'), {
      rename: (name) => (name.includes('weights_in') ? undefined : name.replace('weights_out', 'down_proj')),
      add: await splitGates(),
    });
    const pictures = {
      data: Float32Array.from({ length: 3 * 21 * 21 }, (_, index) => Math.sin(0.37 * index)),
      shape: [1, 3, 21, 21],
    };
    const logits = async (place: string) => {
      const reader = await fromCheckpoint(place, { model: 'test/dinov2' }, (checkpoint) =>
        RowReader.build(dinov2Classifier(checkpoint)),
      );
      const numbers = (await reader.embed(pictures)).toFloats();
      expect(reader.bytes).toBeGreaterThan(1000);
      reader.release();
      return [...numbers];
    };
    const joined = await logits(join(FIXTURES, 'dinov2_swiglu'));
    expect(await logits(folder)).toEqual(joined);
    expect(joined.length).toBe(4);
  });
});

describe('the classifiers of DeiT', () => {
  it('lack what a file does not have', async () => {
    const folder = await alterCheckpoint('deit_distilled', join(temporaryFolder(), 'partial'), {
      rename: (name) => (name === 'distillation_classifier.bias' ? undefined : name),
    });
    const failing = fromCheckpoint(folder, { model: 'test/deit' }, (checkpoint) => distilledDeit(checkpoint));
    await expect(failing).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"distillation_classifier.bias" is missing, expected [5]'),
    });
  });
});

describe.each([
  ['deit_distilled', 16, 5],
  ['dinov2_swiglu', 21, 4],
])('%s as a model with tasks', (name, side, count) => {
  it('classifies', async () => {
    const processor = { image_processor_type: 'ViTImageProcessor', size: { height: side, width: side } };
    const folder = await taskFolder(name, { words: {}, processor });
    const { loaded } = await openFamily(folder, { model: 'test/classifier' });
    const { entries } = await loaded.tasks['image-classification']!({ image: drawnImage(2) });
    expect(entries.length).toBe(count);
    expect(entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(loaded.bytes).toBeGreaterThan(1000);
    loaded.release();
  });
});
