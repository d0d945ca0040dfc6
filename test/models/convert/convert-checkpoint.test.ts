import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../../src/models/convert/convert-checkpoint.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'torch');

async function convert(name: string, key?: string) {
  const output = join(temporaryFolder(), 'made');
  const converted = await convertCheckpoint(join(FIXTURES, name), { output, key });
  const file = await NativeWeightFile.open(converted.file);
  const tensors: Record<string, { dtype: string; shape: readonly number[]; values: number[] }> = {};
  for (const { name, dtype, shape } of file.tensors.values()) {
    tensors[name] = { dtype, shape, values: Array.from(await file.read(name), Number) };
  }
  file.close();
  return { converted, tensors, output };
}

const counted = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a checkpoint of PyTorch', () => {
  it('becomes safetensors, with every kind of numbers', async () => {
    const { tensors, converted, output } = await convert('plain.bin');
    for (const [name, dtype] of [
      ['float64', 'F64'],
      ['float32', 'F32'],
      ['int64', 'I64'],
      ['int32', 'I32'],
      ['int16', 'I16'],
      ['int8', 'I8'],
      ['uint8', 'U8'],
    ]) {
      expect(tensors[`kinds.${name}`]).toEqual({ dtype, shape: [2, 3], values: counted(6) });
    }
    expect(tensors['kinds.float16']).toMatchObject({ dtype: 'F16', shape: [2, 3] });
    expect(tensors['kinds.bfloat16']).toMatchObject({ dtype: 'BF16', shape: [2, 3] });
    expect(tensors['kinds.bool']).toEqual({ dtype: 'BOOL', shape: [3], values: [1, 0, 1] });
    expect(tensors.scalar).toEqual({ dtype: 'F32', shape: [], values: [0.5] });
    expect(tensors.empty).toEqual({ dtype: 'F32', shape: [0, 4], values: [] });
    expect(tensors.parameter!.values).toEqual([0, 1, 2]);
    expect(converted).toMatchObject({ tensors: 19, file: join(output, 'model.safetensors') });
    expect((await readFile(converted.file)).length).toBe(converted.bytes);
    expect(await readdir(output)).toEqual(['model.safetensors']);
  });

  it('keeps views and shared storages as their tensors show them', async () => {
    const { tensors } = await convert('plain.bin');
    expect(tensors['embedding.weight']!.values).toEqual(counted(12));
    expect(tensors['head.weight']!.values).toEqual(counted(12));
    expect(tensors.rows).toEqual({ dtype: 'F32', shape: [2, 3], values: [3, 4, 5, 6, 7, 8] });
    expect(tensors.transposed!.values).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    expect(tensors.columns).toEqual({ dtype: 'F32', shape: [4, 2], values: [0, 2, 3, 5, 6, 8, 9, 11] });
    expect(tensors.expanded!.values).toEqual([7, 8, 7, 8, 7, 8]);
  });

  it('may hold its tensors in one entry among others', async () => {
    const expected = { weight: counted(6), bias: counted(3) };
    for (const key of [undefined, 'state_dict']) {
      const { tensors } = await convert('nested.pt', key);
      expect(Object.fromEntries(Object.entries(tensors).map(([name, { values }]) => [name, values]))).toEqual(expected);
    }
    expect((await convert('protocol4.pt')).tensors.a!.values).toEqual([0, 1]);
  });

  it('must be told which entry where there are several', async () => {
    await expect(convert('two.pth')).rejects.toMatchObject({
      code: 'usage/bad-argument',
      message: expect.stringContaining('(model, ema)'),
    });
    expect((await convert('two.pth', 'ema')).tensors.a!.values).toEqual([1, 2]);
    await expect(convert('nested.pt', 'epoch')).rejects.toMatchObject({ code: 'usage/bad-argument' });
  });

  it('is refused where it mentions anything else, by its name', async () => {
    await expect(convert('namespace.pt')).rejects.toMatchObject({
      code: 'model/unsafe-checkpoint',
      message: expect.stringContaining('argparse.Namespace'),
    });
  });

  it('is refused where it is of the older form, no archive or not there', async () => {
    await expect(convert('legacy.pt')).rejects.toMatchObject({
      code: 'input/bad-file',
      message: expect.stringContaining('no zip archive'),
    });
    await expect(convert('nothing.pt')).rejects.toMatchObject({ code: 'input/not-found' });
    await expect(convert('.')).rejects.toMatchObject({ code: 'input/bad-file' });
  });

  it('is refused where its bytes are not those that were written', async () => {
    const folder = temporaryFolder();
    const bytes = await readFile(join(FIXTURES, 'two.pth'));
    // The numbers 1 and 2 of the entry `ema`: one bit of the first is turned.
    const place = bytes.indexOf(Buffer.from(Float32Array.of(1, 2).buffer));
    expect(place).toBeGreaterThan(0);
    bytes[place] = bytes[place]! ^ 1;
    await writeFile(join(folder, 'two.pth'), bytes);
    await expect(convertCheckpoint(join(folder, 'two.pth'), { key: 'ema' })).rejects.toMatchObject({
      code: 'input/bad-file',
      message: expect.stringMatching(
        /entry "[^"]+\/data\/\d" is damaged: its checksum is [0-9a-f]{8}, not [0-9a-f]{8}/,
      ),
    });
    expect(await readdir(folder)).toEqual(['two.pth']);
  });

  it('replaces no file, and leaves none where it fails', async () => {
    const folder = temporaryFolder();
    await cp(join(FIXTURES, 'two.pth'), join(folder, 'two.pth'));
    await expect(convertCheckpoint(join(folder, 'two.pth'))).rejects.toThrow();
    const controller = new AbortController();
    controller.abort();
    await expect(
      convertCheckpoint(join(folder, 'two.pth'), { key: 'ema', signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'run/cancelled' });
    expect(await readdir(folder)).toEqual(['two.pth']);
    await writeFile(join(folder, 'model.safetensors'), 'kept');
    await expect(convertCheckpoint(join(folder, 'two.pth'), { key: 'ema' })).rejects.toMatchObject({
      code: 'input/not-writable',
    });
    expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe('kept');
  });
});
