import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import { WeightFiles } from '../../../src/models/weights/weight-files.ts';
import { WeightReader } from '../../../src/models/weights/weight-reader.ts';
import { f32, storeTensors, type TensorToStore, words } from '../../native/safetensors-bytes.ts';

const base = mkdtempSync(join(tmpdir(), 'weft-weight-reader-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function readerOf(tensors: Readonly<Record<string, TensorToStore>>): Promise<WeightReader> {
  const folder = mkdtempSync(join(base, 'model-'));
  writeFileSync(join(folder, 'model.safetensors'), storeTensors(tensors));
  return new WeightReader(await WeightFiles.open(folder, { model: 'tiny' }));
}

function complaintOf(reader: WeightReader, ignore: readonly RegExp[] = []): WeftError {
  try {
    reader.finish({ ignore });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(WeftError);
    return thrown as WeftError;
  }
  throw new Error('nothing was refused');
}

const i64 = (count: number): TensorToStore => ({ dtype: 'I64', shape: [count], bytes: new Uint8Array(8 * count) });

describe('taking weights', () => {
  it('gives references by any of their names', async () => {
    const reader = await readerOf({ 'new.weight': f32([2, 1], [1, 2]), half: words('F16', [1], [0x3c00]) });
    expect(reader.take(['old.weight', 'new.weight'], [2, 1])).toMatchObject({
      name: 'new.weight',
      dtype: 'F32',
      shape: [2, 1],
    });
    const half = reader.take('half', [null]);
    expect(half).toMatchObject({ dtype: 'F16', shape: [1] });
    expect(half.offset).toBe(half.file.tensors.get('half')!.offset);
    expect(reader.take('bias', [2], { optional: true })).toBeUndefined();
    reader.finish();
  });

  it('looks below a prefix, or the one of several that is there', async () => {
    const reader = await readerOf({ 'model.layer.0.w': f32([1], [1]), 'model.norm': f32([1], [2]) });
    const inner = reader.below(['bert.', 'model.', '']);
    expect(inner.below('layer.0.').take('w', [1]).name).toBe('model.layer.0.w');
    expect(inner.has('norm')).toBe(true);
    expect(inner.has('model.norm')).toBe(false);
    expect(complaintOf(reader).details.reason).toBe(
      '1 tensor does not fit:\n  "model.norm" of shape [1] is unexpected',
    );
    inner.take('norm', [1]);
    reader.finish();
    expect(reader.below('gone.').below('deep.').take('w', [3]).name).toBe('gone.deep.w');
    expect(complaintOf(reader).message).toContain('"gone.deep.w" is missing, expected [3]');
  });

  it('gives the numbers of small tensors', async () => {
    const double = { dtype: 'F64', shape: [1], bytes: new Uint8Array(Float64Array.of(0.5).buffer) };
    const reader = await readerOf({ scale: f32([], [3]), half: words('BF16', [2], [0x3f80, 0xc000]), double });
    expect(await reader.floats('scale', [])).toEqual(Float32Array.of(3));
    expect(await reader.floats('half', [2])).toEqual(Float32Array.of(1, -2));
    expect(await reader.floats('double', [1])).toEqual(Float32Array.of(0.5));
    expect(await reader.floats('gone', [1], { optional: true })).toBeUndefined();
    reader.finish();
    expect(await reader.floats('gone', [2, 2])).toEqual(new Float32Array(4));
    expect(complaintOf(reader).message).toContain('"gone" is missing, expected [2 x 2]');
  });

  it('tells everything that is wrong at once', async () => {
    const reader = await readerOf({
      square: f32([2, 2], [1, 2, 3, 4]),
      vector: f32([3], [1, 2, 3]),
      ids: i64(2),
      extra: f32([1], [0]),
      position_ids: i64(1),
    });
    reader.take('square', [2, 3]);
    reader.take('vector', [3, 1], { optional: true });
    reader.take('ids', [2]);
    reader.take(['first', 'second'], [4, null]);
    const error = complaintOf(reader, [/(^|\.)position_ids$/]);
    expect(error.code).toBe('model/bad-weights');
    expect(error.message).toBe(
      'Expected usable weights in model.safetensors of model "tiny", but 5 tensors do not fit:\n' +
        '  "square" has shape [2 x 2], expected [2 x 3];\n' +
        '  "vector" has shape [3], expected [3 x 1];\n' +
        '  "ids" has dtype I64, expected F32, F16, BF16;\n' +
        '  "first" or "second" is missing, expected [4 x any];\n' +
        '  "extra" of shape [1] is unexpected.',
    );
  });

  it('counts what would be too long to tell', async () => {
    const reader = await readerOf({ ['n'.repeat(500)]: f32([1], [0]) });
    for (let layer = 0; layer < 30; layer++) reader.take(`layer.${layer}`, [8]);
    const { message } = complaintOf(reader);
    expect(message.split('\n')).toHaveLength(22);
    expect(message).toContain('31 tensors do not fit');
    expect(message).toContain('and 11 more');
    const long = complaintOf(await readerOf({ ['n'.repeat(500)]: f32([1], [0]) })).message;
    expect(long).toContain(`"${'n'.repeat(120)}…" of shape`);
  });
});
