/** Cases of family idefics: pictures, hidden states and logits of a text that sees some of them, greedy decoding. */
import { readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { idefics } from '../../../src/models/families/idefics.ts';
import { IdeficsModel, type Views } from '../../../src/models/families/idefics-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { tokenRows } from './token-rows.ts';

export async function* runIdefics(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  if (model.hfClass !== 'IdeficsForVisionText2Text') throw new Error(`cases of class ${model.hfClass} cannot be run`);
  yield* compareOutputs(model, await answersOf(model, options), options);
}

async function answersOf(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const { folder, name } = model;
  const { reader, writer, ids } = await fromCheckpoint(folder, { model: name }, async (checkpoint) => ({
    reader: await IdeficsModel.build(await idefics(checkpoint, 'all'), options),
    writer: await IdeficsModel.build(await idefics(checkpoint, 'last'), options),
    ids: await readGenerationIds(folder, checkpoint.config),
  }));
  const pictures = picturesOf(model, '')!;
  const text = tokenRows(model, 'input_ids', 'attention_mask');
  const views = viewsOf(model);
  const { states } = reader;
  const seen = once(() => reader.see(pictures));
  const read = once(async () => {
    const given = { ids: text.ids.flat(), mask: text.mask.flat(), views, sight: await seen() };
    return reader.read(given, { returnHidden: states });
  });
  return async (output) => {
    if (output === 'vision_last') {
      const [batch = 0, count = 0, ...picture] = pictures.shape;
      const all = { data: pictures.data, shape: [batch * count, ...picture] };
      return arrayOf((await reader.vision.run(all)).hidden);
    }
    if (output === 'image_hidden_states') return arrayOf(await seen());
    if (output === 'logits') return arrayOf((await read()).head);
    const [, state] = /^(?:embeddings|hidden_(\d+))$/.exec(output) ?? [];
    if (output === 'embeddings' || state !== undefined) {
      const { hidden, hiddenStates } = await read();
      // The last hidden state is that after the final norm.
      return arrayOf(Number(state) === states.length - 1 ? hidden : hiddenStates[Number(state ?? 0)]);
    }
    return generatedAnswer(model, output, async () => {
      return { steps: writer.steps(await seen(), views, text.mask), prompts: text.ids, ids };
    });
  };
}

function viewsOf({ inputs }: ModelCase): Views {
  const { data = [], shape = [] } = inputs.get('image_attention_mask') ?? {};
  const [batch = 0, length = 0, pictures = 0] = shape;
  const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
  const word = (index: number) => numbers.slice(index * pictures, (index + 1) * pictures);
  return Array.from({ length: batch }, (_, text) => Array.from({ length }, (_, row) => word(text * length + row)));
}
