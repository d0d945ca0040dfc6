/** Copies of fixture checkpoints with other configurations, other names and other tensors. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import { storeTensors, type TensorToStore } from '../../native/safetensors-bytes.ts';
import { FIXTURES } from './parity-fixture.ts';

export interface Alterations {
  /** Written over the options of config.json; undefined takes one out. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** New name of a tensor; undefined leaves it out. */
  readonly rename?: (name: string) => string | undefined;
  readonly add?: Readonly<Record<string, TensorToStore>>;
}

/** Returns the folder. */
export async function alterCheckpoint(
  fixture: string,
  folder: string,
  { config = {}, rename = (name) => name, add = {} }: Alterations,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const source = join(FIXTURES, fixture);
  const original = JSON.parse(await readFile(join(source, 'config.json'), 'utf8'));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...original, ...config }));
  const tensors: Record<string, TensorToStore> = {};
  const file = await NativeWeightFile.open(join(source, 'model.safetensors'));
  for (const { name, dtype, shape } of file.tensors.values()) {
    const renamed = rename(name);
    const data = await file.read(name);
    if (renamed !== undefined) tensors[renamed] = { dtype, shape, bytes: new Uint8Array(data.buffer) };
  }
  file.close();
  await writeFile(join(folder, 'model.safetensors'), storeTensors({ ...tensors, ...add }));
  return folder;
}
