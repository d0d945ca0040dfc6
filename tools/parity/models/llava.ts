/** Cases of family llava: rows of pictures, logits of a text with them, greedy decoding. */
import { readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { llava } from '../../../src/models/families/llava.ts';
import { LlavaModel } from '../../../src/models/families/llava-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { tokenRows } from './token-rows.ts';

export async function* runLlava(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  if (model.hfClass !== 'LlavaForConditionalGeneration') {
    throw new Error(`cases of class ${model.hfClass} cannot be run`);
  }
  yield* compareOutputs(model, await answersOf(model, options), options);
}

async function answersOf(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const { folder, name } = model;
  const { reader, writer, ids } = await fromCheckpoint(folder, { model: name }, async (checkpoint) => {
    const stacks = llava(checkpoint, 'all');
    return {
      reader: await LlavaModel.build(stacks, options),
      writer: await LlavaModel.build(llava(checkpoint, 'last'), options),
      ids: await readGenerationIds(folder, stacks.text),
    };
  });
  const text = tokenRows(model, 'input_ids', 'attention_mask');
  const seen = once(() => reader.see(picturesOf(model, '')!));
  return async (output) => {
    const rows = await seen();
    if (output === 'image_features') return arrayOf(rows);
    if (output === 'logits') {
      const { language, placeholder } = reader;
      const all = text.ids.flat();
      const embedded = await language.embed(all, text.batch, language.insert(all, rows, placeholder));
      return arrayOf((await language.read({ rows: embedded, mask: text.mask.flat(), positionsFromMask: true })).head);
    }
    const open = async () => ({ steps: writer.steps(rows, text.batch, text.mask), prompts: text.ids, ids });
    return generatedAnswer(model, output, open);
  };
}
