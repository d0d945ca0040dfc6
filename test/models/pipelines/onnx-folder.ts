/** Fixture checkpoints as repositories for transformers.js have them: an `onnx` folder instead of safetensors. */
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FIXTURES } from '../families/parity-fixture.ts';

const NETWORKS = join(dirname(FIXTURES), 'onnx');

/**
 * Puts a fixture's networks into a copy of it, those that `only` lets through; their weights lie beside them, and
 * model.safetensors goes.
 */
export async function toOnnxFolder(folder: string, only: (name: string) => boolean = () => true): Promise<string> {
  const from = join(NETWORKS, basename(folder));
  const names = (await readdir(from)).map((file) => basename(file, '.onnx')).filter(only);
  const target = `${folder}-onnx`;
  await cp(folder, target, { recursive: true });
  await mkdir(join(target, 'onnx'));
  for (const name of names) {
    await cp(join(from, `${name}.onnx`), join(target, 'onnx', `${name}.onnx`));
    await cp(join(folder, 'model.safetensors'), join(target, 'onnx', `${name}.onnx_data`));
  }
  await rm(join(target, 'model.safetensors'));
  return target;
}
