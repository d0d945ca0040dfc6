/** Cases of family visual_bert: every head over words and regions. */

import { pickRows, sliceRows } from '../../../src/models/blocks/rows.ts';
import { visualBert } from '../../../src/models/families/visual-bert.ts';
import {
  type RegionRows,
  VisualBert,
  type VisualBertInput,
  type VisualBertResult,
} from '../../../src/models/families/visual-bert-model.ts';
import { phraseScores, questionRows } from '../../../src/models/families/visual-bert-rows.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { reshape } from '../../../src/native/arrange.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { rowPart } from './row-parts.ts';

export async function* runVisualBert(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    VisualBert.build(await visualBert(checkpoint, model.hfClass), options),
  );
  yield* compareOutputs(model, visualBertAnswers(model, built), options);
  built.release();
}

function visualBertAnswers(model: ModelCase, bert: VisualBert): Answers {
  const input = inputOf(model);
  let run: Promise<VisualBertResult> | undefined;
  const states = Array.from({ length: bert.layers + 1 }, (_, state) => state);
  return async (output) => {
    run ??= bert.run(input, { returnHidden: states });
    const { hidden, hiddenStates, pooled, words } = await run;
    switch (output) {
      case 'logits':
        return logits(model, bert, input, await run);
      case 'pooler_output':
        return arrayOf(pooled);
      case 'seq_relationship_logits':
        return arrayOf(await bert.heads.run('classes', pooled));
    }
    const [, name, part] = /^(.+)_(text|visual)$/.exec(output) ?? [];
    const [, state] = /^hidden_(\d+)$/.exec(name ?? '') ?? [];
    const rows = await (name === 'prediction_logits'
      ? bert.heads.run('vocabulary', hidden)
      : hiddenStates[name === 'embeddings' ? 0 : Number(state ?? -1)]);
    const array = arrayOf(rows);
    return array && (part === 'text' ? rowPart(array, 0, words) : rowPart(array, words));
  };
}

async function logits(model: ModelCase, bert: VisualBert, input: VisualBertInput, result: VisualBertResult) {
  const { hidden, pooled, words } = result;
  switch (bert.parts.architecture) {
    case 'VisualBertForQuestionAnswering': {
      const rows = questionRows(input.tokens, bert.text.name).map((row) => [row]);
      const scores = await bert.heads.run('classes', await pickRows(hidden, rows));
      return arrayOf(reshape(scores, [rows.length, scores.shape.at(-1)!]));
    }
    case 'VisualBertForMultipleChoice': {
      const scores = await bert.heads.run('classes', pooled);
      return arrayOf(reshape(scores, model.inputs.get('input_ids')!.shape.slice(0, 2)));
    }
    case 'VisualBertForRegionToPhraseAlignment': {
      const phrases = model.inputs.get('region_to_phrase_position')!;
      const positions = rowLists(phrases).map((row) => row.map((place) => Math.max(0, place)));
      const [batch = 0, rows = 0] = hidden.shape;
      const regions = rows - words;
      const scores = phraseScores(
        await bert.heads.run('phrase', await pickRows(hidden, positions)),
        await bert.heads.run('region', await sliceRows(hidden, words, rows - words)),
      );
      // The case holds zeros for regions that are not there.
      const mask = Array.from(input.regions.mask as ArrayLike<number | bigint>, Number);
      const [, count = 0] = phrases.shape;
      const data = scores.map((score, index) => {
        return score * mask[Math.floor(index / (count * regions)) * regions + (index % regions)]!;
      });
      return { data, shape: [batch, count, regions] };
    }
    default:
      return arrayOf(await bert.heads.run('classes', pooled));
  }
}

/** Choices are texts of their own. */
function inputOf(model: ModelCase): VisualBertInput {
  const { inputs } = model;
  const { data, shape } = inputs.get('visual_embeds')!;
  const flat = shape.length === 4 ? [shape[0]! * shape[1]!, ...shape.slice(2)] : shape;
  const optional = (name: string, key: string) => {
    const tokens = tokensOf(model, name);
    return tokens === undefined ? {} : { [key]: tokens };
  };
  const alignment = inputs.get('image_text_alignment');
  const regions: RegionRows = {
    features: { data: data as Float32Array, shape: flat },
    ...optional('visual_attention_mask', 'mask'),
    ...optional('visual_token_type_ids', 'segments'),
    ...(alignment === undefined
      ? {}
      : { alignment: { data: tokensOf(model, 'image_text_alignment')!, shape: alignment.shape } }),
  };
  const ids = tokensOf(model, 'input_ids')!;
  const tokens = { ...optional('attention_mask', 'mask'), ...optional('token_type_ids', 'segments') };
  return { tokens: { ids, batch: flat[0]!, ...tokens }, regions };
}

function rowLists({ data, shape: [rows = 0, columns = 0] }: NumberArray): number[][] {
  const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns));
}
