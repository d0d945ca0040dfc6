/** A stack reads its tables of embeddings from their file at every run: what if somebody writes to it? */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Stack } from '../../src/native/stack.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { f32, storeTensors } from './safetensors-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-stored-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a table whose file was cut is not read any more', async () => {
  // The last pages are touched by no run before: reading beyond the cut would end the process.
  const shape = [4096, 64];
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, storeTensors({ table: f32(shape, new Array<number>(4096 * 64).fill(0.5)) }));
  const file = await NativeWeightFile.open(path);
  const tokens = { tokens: { file, name: 'table', shape } };
  using stack = await Stack.build({ name: 'table', width: 64, tokens, layers: [] });
  expect((await stack.run({ ids: [1] })).hidden!.toFloats()[0]).toBe(0.5);
  truncateSync(path, 8192);
  await expect(stack.run({ ids: [4095] })).rejects.toMatchObject({
    code: 'input/bad-file',
    message: expect.stringContaining('was written to after it was opened'),
  });
});
