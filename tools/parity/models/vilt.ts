/** Cases of family vilt: every head, with pictures of several sizes in one batch, and pairs of pictures. */

import { sliceRows } from '../../../src/models/blocks/rows.ts';
import { vilt } from '../../../src/models/families/vilt.ts';
import { Vilt, type ViltInput, type ViltResult } from '../../../src/models/families/vilt-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { concat } from '../../../src/native/arrange.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { rowPart } from './row-parts.ts';

export async function* runVilt(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    Vilt.build(await vilt(checkpoint, model.hfClass), options),
  );
  yield* compareOutputs(model, viltAnswers(model, built), options);
  built.release();
}

function viltAnswers(model: ModelCase, vilt: Vilt): Answers {
  const states = Array.from({ length: vilt.layers + 1 }, (_, state) => state);
  const runs = new Map<number, Promise<ViltResult>>();
  const run = (picture: number) => {
    const made = runs.get(picture) ?? vilt.run(inputOf(model, vilt.parts.pictures, picture), { returnHidden: states });
    runs.set(picture, made);
    return made;
  };
  const [, length = 0] = model.inputs.get('input_ids')!.shape;
  const text = (array: NumberArray | undefined) => array && rowPart(array, 0, length);
  const image = (array: NumberArray | undefined) => array && rowPart(array, length);
  return async (output) => {
    if (output === 'logits') return arrayOf(await logits(vilt, run, length));
    const [, name, picture = '0'] = /^(.+?)(?:_(\d+))?$/.exec(output) ?? [];
    const { hidden, hiddenStates, pooled, patchMask } = await run(Number(picture));
    switch (name) {
      case 'patch_mask':
        return { data: patchMask, shape: [pooled.shape[0]!, patchMask.length / pooled.shape[0]!] };
      case 'embed_text':
        return text(arrayOf(hiddenStates[0]));
      case 'embed_image':
        return image(arrayOf(hiddenStates[0]));
      case 'last_text':
        return text(arrayOf(hidden));
      case 'last_image':
        return image(arrayOf(hidden));
      case 'pooler_output':
        return arrayOf(pooled);
    }
    const [, state] = /^hidden_(\d+)_text$/.exec(name ?? '') ?? [];
    return state === undefined ? undefined : text(arrayOf(hiddenStates[Number(state)]));
  };
}

async function logits(vilt: Vilt, run: (picture: number) => Promise<ViltResult>, length: number) {
  const { architecture, pictures } = vilt.parts;
  const results = await Promise.all(Array.from({ length: pictures }, (_, picture) => run(picture)));
  if (architecture !== 'ViltForMaskedLM')
    return vilt.head(
      await concat(
        results.map(({ pooled }) => pooled),
        1,
      ),
    );
  return vilt.head(await sliceRows(results[0]!.hidden, 0, length));
}

/** The case's texts with one of the pictures that each has. */
function inputOf(model: ModelCase, pictures: number, picture: number): ViltInput {
  const { inputs } = model;
  const [batch = 0] = inputs.get('input_ids')!.shape;
  const pixels = inputs.get('pixel_values')!;
  const mask = inputs.get('pixel_mask');
  const isGroup = pixels.shape.length === 5;
  const part = (array: NumberArray) => (isGroup ? dropAxis(rowPart(array, picture, picture + 1)) : array);
  const { data, shape } = part(pixels);
  const given = { mask: tokensOf(model, 'attention_mask'), segments: tokensOf(model, 'token_type_ids') };
  return {
    tokens: {
      ids: tokensOf(model, 'input_ids')!,
      batch,
      ...(given.mask === undefined ? {} : { mask: given.mask }),
      ...(given.segments === undefined ? {} : { segments: given.segments }),
    },
    pictures: { data: Float32Array.from(data as ArrayLike<number>), shape },
    ...(mask === undefined ? {} : { pixelMask: part(mask) }),
    ...(pictures > 1 || isGroup ? { modality: picture + 1 } : {}),
  };
}

function dropAxis({ data, shape: [items = 0, , ...rest] }: NumberArray): NumberArray {
  return { data, shape: [items, ...rest] };
}
