/** Stacks built from packed weights on disk: the same numbers, used again, and only for the same content. */
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { setPackedFolder, storePacked } from '../../src/native/packed-weights.ts';
import { Stack } from '../../src/native/stack.ts';
import type { Precision, StackSpec } from '../../src/native/stack-spec.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { f32, storeTensors } from './safetensors-bytes.ts';

const base = mkdtempSync(join(tmpdir(), 'weft-packed-'));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(base, 'cache-'));
  setPackedFolder(folder, 2 ** 30);
});
afterAll(() => {
  setPackedFolder(folder, 0);
  rmSync(base, { recursive: true, force: true });
});

const [WIDTH, INNER] = [24, 40];
const HASH = 'a1'.repeat(32);

function weightsFile(): string {
  const path = join(mkdtempSync(join(base, 'model-')), 'model.safetensors');
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => Math.sin(index * 1.7 + count));
  const tensors = {
    up: f32([INNER, WIDTH], numbers(INNER * WIDTH)),
    down: f32([WIDTH, INNER], numbers(INNER * WIDTH)),
  };
  writeFileSync(path, storeTensors(tensors));
  return path;
}

async function openAs(path: string, hash: string | undefined): Promise<NativeWeightFile> {
  const file = await NativeWeightFile.open(path);
  if (hash !== undefined) file.identify(hash);
  return file;
}

function specOf(file: NativeWeightFile): StackSpec {
  const linear = (name: string) => ({ weight: { file, name, shape: file.tensors.get(name)!.shape } });
  const feedForward = { up: linear('up'), down: linear('down'), activation: 'relu' as const };
  return { name: 'feed-forward', width: WIDTH, layers: [[{ feedForward }]] };
}

/** What a stack of the file computes, after everything it packed is on disk. */
async function outputOf(path: string, hash: string | undefined, precision: Precision = 'fp32'): Promise<Float32Array> {
  const file = await openAs(path, hash);
  const stack = await Stack.build(specOf(file), { precision });
  file.close();
  await storePacked();
  const rows = Tensor.from(
    Float32Array.from({ length: 3 * WIDTH }, (_, index) => Math.cos(index)),
    [1, 3, WIDTH],
  );
  const { hidden } = await stack.run({ rows });
  const output = hidden!.toFloats();
  stack.release();
  return output;
}

const LONG_AGO = new Date(1e12);
function cached(): { readonly path: string; readonly used: number }[] {
  return readdirSync(folder).map((name) => ({ path: join(folder, name), used: statSync(join(folder, name)).mtimeMs }));
}

describe('packed weights on disk', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)(
    'give the same numbers when they are used again, in %s',
    async (precision) => {
      const path = weightsFile();
      const first = await outputOf(path, HASH, precision);
      expect(cached()).toHaveLength(2);
      for (const { path: place } of cached()) utimesSync(place, LONG_AGO, LONG_AGO);
      // The same content at another place.
      expect(await outputOf(weightsFile(), HASH, precision)).toEqual(first);
      expect(cached()).toHaveLength(2);
      for (const { used } of cached()) expect(used).toBeGreaterThan(LONG_AGO.getTime());
    },
  );

  it('are not used for other content, nor another precision', async () => {
    const path = weightsFile();
    await outputOf(path, HASH);
    for (const { path: place } of cached()) utimesSync(place, LONG_AGO, LONG_AGO);
    await outputOf(path, 'b2'.repeat(32));
    await outputOf(path, HASH, 'int8');
    expect(cached()).toHaveLength(6);
    expect(cached().filter(({ used }) => used === LONG_AGO.getTime())).toHaveLength(2);
  });

  it('are packed again when a file is damaged', async () => {
    const path = weightsFile();
    const first = await outputOf(path, HASH);
    for (const { path: place } of cached()) writeFileSync(place, 'nothing of use');
    expect(await outputOf(path, HASH)).toEqual(first);
    for (const { path: place } of cached()) expect(statSync(place).size).toBeGreaterThan(1000);
  });

  it('are kept only for identified files, and only while a folder is set', async () => {
    await outputOf(weightsFile(), undefined);
    setPackedFolder(folder, 0);
    await outputOf(weightsFile(), HASH);
    expect(cached()).toEqual([]);
  });

  it('leave stacks alone when the folder cannot be written', async () => {
    const place = join(base, 'a file');
    writeFileSync(place, '');
    setPackedFolder(place, 2 ** 30);
    const path = weightsFile();
    expect(await outputOf(path, HASH)).toEqual(await outputOf(path, HASH));
  });

  it('serve several stacks that are built at once', async () => {
    const path = weightsFile();
    const outputs = await Promise.all(Array.from({ length: 8 }, () => outputOf(path, HASH)));
    for (const output of outputs) expect(output).toEqual(outputs[0]);
    expect(cached()).toHaveLength(2);
  });
});

describe('refusals', () => {
  it('a weight file that was written to after it was opened', async () => {
    const path = weightsFile();
    const file = await openAs(path, HASH);
    writeFileSync(path, storeTensors({ x: f32([1], [1]) }));
    await expect(Stack.build(specOf(file))).rejects.toMatchObject({
      code: 'input/bad-file',
      message: expect.stringContaining('the file of tensor up was written to after it was opened'),
    });
    file.close();
  });

  it('a hash or a size that is none', async () => {
    const file = await NativeWeightFile.open(weightsFile());
    expect(() => file.identify('abc')).toThrow();
    expect(() => setPackedFolder(folder, -1)).toThrow();
    expect(() => setPackedFolder(3 as never, 1)).toThrow();
    file.close();
    expect(() => file.identify(HASH)).toThrow(/released/);
  });
});
