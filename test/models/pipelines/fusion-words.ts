/** The vocabulary of fixture checkpoints of fusion families, and what their tasks are opened with. */
import type { FamilySources, LoadedFamily } from '../../../src/models/pipelines/family.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Regions, Tasks } from '../../../src/models/pipelines/task.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { drawn } from '../families/drawn-floats.ts';

export const WORDS = {
  '[PAD]': 0,
  '[CLS]': 1,
  '[SEP]': 2,
  '[UNK]': 3,
  '[MASK]': 4,
  a: 10,
  red: 11,
  dog: 12,
  sees: 13,
  the: 14,
  cat: 15,
  what: 16,
  sleeps: 17,
};

export async function openTasks(
  folder: string,
  precision: FamilySources['precision'] = 'fp32',
): Promise<LoadedFamily & { tasks: Required<Tasks> }> {
  const { loaded } = await openFamily(folder, { model: 'test/model', precision });
  return loaded as LoadedFamily & { tasks: Required<Tasks> };
}

/** A tensor to add to a fixture's weights. */
export function drawnTensor(shape: readonly number[], seed: number) {
  return f32(
    shape,
    Array.from(
      drawn(
        shape.reduce((product, side) => product * side, 1),
        seed,
      ),
    ),
  );
}

export function drawnRegions(count: number, dim: number, seed = 1): Regions {
  const boxes = Array.from({ length: count }, (_, region) => region / (2 * count)).flatMap((start) => [
    start,
    start / 2,
    start + 0.4,
    start / 2 + 0.5,
  ]);
  return {
    features: { kind: 'Features', data: drawn(count * dim, seed), seq: count, dim },
    boxes: Float32Array.from(boxes),
  };
}
