/** Cases of family blip: captions, answers, and how well texts fit. */

import { finer } from '../../../src/models/blocks/finer-precision.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { blipCaption, blipQuestion, blipRetrieval } from '../../../src/models/families/blip.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { tokenRows } from './token-rows.ts';

export async function* runBlip(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const answers = await ANSWERS[model.hfClass]?.(model, options);
  if (answers === undefined) throw new Error(`cases of class ${model.hfClass} cannot be run`);
  yield* compareOutputs(model, answers, options);
}

const ANSWERS: Readonly<Record<string, (model: ModelCase, options: RunnerOptions) => Promise<Answers>>> = {
  BlipForConditionalGeneration: captionAnswers,
  BlipForQuestionAnswering: questionAnswers,
  BlipForImageTextRetrieval: retrievalAnswers,
};

function open<Built>({ folder, name }: ModelCase, build: (checkpoint: Checkpoint) => Promise<Built>): Promise<Built> {
  return fromCheckpoint(folder, { model: name }, build);
}

const textOf = (model: ModelCase, idsName = 'input_ids', maskName = 'attention_mask') => {
  const { ids, mask, batch } = tokenRows(model, idsName, maskName);
  return { ids: ids.flat(), mask: mask.flat(), batch };
};

async function captionAnswers(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const { vision, reader, writer, tokens } = await open(model, async (checkpoint) => {
    const stacks = blipCaption(checkpoint, 'all');
    return {
      tokens: stacks.tokens,
      vision: await PictureTower.build(stacks.vision, finer(options)),
      reader: await LanguageModel.build(stacks.decoder, options),
      writer: await LanguageModel.build(blipCaption(checkpoint, 'last').decoder, options),
    };
  });
  const states = Array.from({ length: vision.stack.layers + 1 }, (_, state) => state);
  const seen = once(() => vision.run(picturesOf(model, '')!, { returnHidden: states }));
  const read = once(async () => reader.read(textOf(model), { memory: [{ rows: (await seen()).hidden! }] }));
  const ids = { endIds: [tokens.end], padId: tokens.padding };
  return async (output) => {
    const [, state] = /^vision_hidden_(\d+)$/.exec(output) ?? [];
    if (state !== undefined) return arrayOf((await seen()).hiddenStates[Number(state)]);
    if (output === 'image_embeds') return arrayOf((await seen()).hidden);
    if (output === 'vision_pooler') return arrayOf((await seen()).head);
    if (output === 'text_last') return arrayOf((await read()).hidden);
    if (output === 'logits') return arrayOf((await read()).head);
    return generatedAnswer(model, output, async ({ prompt }) => {
      const rows = (await seen()).hidden!;
      const [batch = 1] = rows.shape;
      // The prompt's first id becomes the beginning, its last one is the tokenizer's end.
      const prompts =
        prompt === true
          ? tokenRows(model, 'prompt_ids').ids.map((row) => [tokens.begin, ...row.slice(1, -1)])
          : Array.from({ length: batch }, () => [tokens.begin]);
      return { steps: languageSteps(writer, { batch, memory: [{ rows }] }), prompts, ids };
    });
  };
}

async function questionAnswers(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const { vision, question, reader, writer, tokens } = await open(model, async (checkpoint) => {
    const stacks = blipQuestion(checkpoint, 'all');
    return {
      tokens: stacks.tokens,
      vision: await PictureTower.build(stacks.vision, finer(options)),
      question: await TextTower.build(stacks.question, finer(options)),
      reader: await LanguageModel.build(stacks.decoder, options),
      writer: await LanguageModel.build(blipQuestion(checkpoint, 'last').decoder, options),
    };
  });
  const seen = once(async () => (await vision.run(picturesOf(model, '')!)).hidden!);
  const asked = once(async () => (await question.run(textOf(model), { memory: [{ rows: await seen() }] })).hidden!);
  const ids = { endIds: [tokens.end], padId: tokens.padding };
  return async (output) => {
    if (output === 'image_embeds') return arrayOf(await seen());
    if (output === 'question_embeds') return arrayOf(await asked());
    const memory = [{ rows: await asked() }];
    if (output === 'decoder_logits') {
      const text = textOf(model, 'decoder_input_ids', 'decoder_attention_mask');
      return arrayOf((await reader.read(text, { memory })).head);
    }
    return generatedAnswer(model, output, async () => {
      const [batch = 1] = memory[0]!.rows.shape;
      const prompts = Array.from({ length: batch }, () => [tokens.begin]);
      return { steps: languageSteps(writer, { batch, memory }), prompts, ids };
    });
  };
}

async function retrievalAnswers(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const towers = await open(model, async (checkpoint) => {
    const stacks = blipRetrieval(checkpoint);
    return {
      vision: await PictureTower.build(stacks.vision, options),
      text: await TextTower.build(stacks.text, options),
      joint: await TextTower.build(stacks.joint, options),
    };
  });
  const seen = once(() => towers.vision.run(picturesOf(model, '')!));
  const alone = once(() => towers.text.run(textOf(model)));
  const joint = once(async () => towers.joint.run(textOf(model), { memory: [{ rows: (await seen()).hidden! }] }));
  const unit = (tensor: Tensor | undefined) => unitRows(arrayOf(tensor));
  return async (output) => {
    switch (output) {
      case 'image_embeds':
        return arrayOf((await seen()).hidden);
      case 'itm_score':
        return arrayOf((await joint()).head);
      case 'itm_question_embeds':
        return arrayOf((await joint()).hidden);
      case 'itc_question_embeds':
        return arrayOf((await alone()).hidden);
      case 'itc_score':
        return contrastiveLogits(unit((await seen()).head), unit((await alone()).head), 1);
    }
    return undefined;
  };
}
