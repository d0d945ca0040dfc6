/** Cases of family asif: similarities to the anchors, relative representations of both sides, scores. */
import { join } from 'node:path';
import { WeftError } from '../../../src/errors.ts';
import { type AsifSettings, clampSettings, relativeCosines, relativeRows } from '../../../src/models/free/asif.ts';
import { readJson } from '../../../src/models/read-json.ts';
import { NativeWeightFile } from '../../../src/native/weights.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { caseInput } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

const SIDES = ['image', 'text'] as const;

export async function* runAsif(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  // The anchors are searched where they lie, as those of an index are.
  const file = await NativeWeightFile.open(join(model.folder, 'inputs.safetensors'));
  let computed: Promise<ReadonlyMap<string, NumberArray>> | undefined;
  const answers = async (output: string) => {
    computed ??= answersOf(model, file);
    return (await computed).get(output);
  };
  yield* compareOutputs(model, answers, options);
  file.close();
}

async function answersOf(model: ModelCase, file: NativeWeightFile): Promise<ReadonlyMap<string, NumberArray>> {
  const [anchors = 0] = caseInput(model, 'anchor_images').shape;
  const settings = clampSettings(await readSettings(model), anchors);
  const answers = new Map<string, NumberArray>();
  const [image, text] = await Promise.all(SIDES.map((side) => sideOf(model, file, side, settings, answers)));
  const shape = [image!.relative.rows, text!.relative.rows];
  const logits = await relativeCosines(image!.relative, text!.relative, anchors);
  answers.set('logits', { data: logits, shape });
  // The authors leave the lengths of the pictures' rows as they are.
  const lengths = image!.lengths;
  answers.set('logits_repository', {
    data: logits.map((each, i) => each * lengths[Math.floor(i / shape[1]!)]!),
    shape,
  });
  const best = Array.from({ length: shape[0]! }, (_, row) => {
    const scores = logits.subarray(row * shape[1]!, (row + 1) * shape[1]!);
    return scores.indexOf(Math.max(...scores));
  });
  answers.set('prediction', { data: best, shape: [best.length] });
  return answers;
}

/** Adds what the case has of one side; returns its relative rows, and their lengths before they were made 1. */
async function sideOf(
  model: ModelCase,
  file: NativeWeightFile,
  side: (typeof SIDES)[number],
  settings: AsifSettings,
  answers: Map<string, NumberArray>,
) {
  const stored = [{ file, name: `anchor_${side}s` }];
  const [anchors = 0, width = 0] = caseInput(model, `anchor_${side}s`).shape;
  const vectors = { data: caseInput(model, `query_${side}s`).data as Float32Array, width };
  const all = await relativeRows(vectors, stored, { ...settings, k: anchors });
  const relative = await relativeRows(vectors, stored, settings);
  const { rows, best, places, similarities, values } = relative;
  const few = (data: NumberArray['data']) => ({ data, shape: [rows, best] });
  const spread = (numbers: ArrayLike<number>, at: typeof all) => {
    const data = new Float64Array(rows * anchors);
    for (let i = 0; i < at.places.length; i += 1) data[Math.floor(i / at.best) * anchors + at.places[i]!] = numbers[i]!;
    return { data, shape: [rows, anchors] };
  };
  const powers = Float64Array.from(similarities, (each) => each ** settings.p);
  answers.set(`${side}_similarity`, spread(all.similarities, all));
  answers.set(`${side}_top_indices`, few(places));
  answers.set(`${side}_top_values`, few(similarities));
  answers.set(`${side}_relative_raw`, spread(powers, relative));
  answers.set(`${side}_relative`, spread(values, relative));
  const lengths = Array.from({ length: rows }, (_, row) =>
    Math.hypot(...powers.subarray(row * best, (row + 1) * best)),
  );
  return { relative, lengths };
}

/** Rejects with `input/bad-file`. */
async function readSettings({ folder, name }: ModelCase): Promise<AsifSettings> {
  const path = join(folder, 'config.json');
  const { non_zeros: k, val_exp: p } = (await readJson(folder, 'config.json', name)) ?? {};
  if (typeof k === 'number' && typeof p === 'number') return { k, p };
  throw new WeftError('input/bad-file', {
    expected: 'numbers "non_zeros" and "val_exp"',
    path,
    reason: 'one is missing',
  });
}
