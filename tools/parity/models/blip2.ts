/** Cases of family blip2: captions of OPT, and how well texts fit. */
import { readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { blip2Caption, blip2Retrieval } from '../../../src/models/families/blip2.ts';
import { Blip2Model } from '../../../src/models/families/blip2-model.ts';
import { JointQFormer } from '../../../src/models/families/joint-qformer.ts';
import { QFORMER_PRECISION } from '../../../src/models/families/qformer.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import { Stack } from '../../../src/native/stack.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { columns, tokenRows } from './token-rows.ts';

export async function* runBlip2(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const answers = await ANSWERS[model.hfClass]?.(model, options);
  if (answers === undefined) throw new Error(`cases of class ${model.hfClass} cannot be run`);
  yield* compareOutputs(model, answers, options);
}

const ANSWERS: Readonly<Record<string, (model: ModelCase, options: RunnerOptions) => Promise<Answers>>> = {
  Blip2ForConditionalGeneration: captionAnswers,
  Blip2ForImageTextRetrieval: retrievalAnswers,
};

async function captionAnswers(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const { folder, name } = model;
  const { reader, writer, ids } = await fromCheckpoint(folder, { model: name }, async (checkpoint) => {
    const stacks = await blip2Caption(checkpoint, 'all');
    return {
      reader: await Blip2Model.build(stacks, options),
      writer: await Blip2Model.build(await blip2Caption(checkpoint, 'last'), options),
      ids: await readGenerationIds(folder, stacks.text),
    };
  });
  const seen = once(() => reader.see(picturesOf(model, '')!));
  const text = tokenRows(model, 'input_ids', 'attention_mask');
  return async (output) => {
    const { picture, queries, rows } = await seen();
    if (output === 'vision_last') return arrayOf(picture);
    if (output === 'qformer_last') return arrayOf(queries);
    if (output === 'image_features') return arrayOf(rows);
    if (output === 'logits') {
      const { placeholder, language } = reader;
      const ids = text.ids.flat();
      const embedded = await language.embed(ids, text.batch, language.insert(ids, rows, placeholder));
      return arrayOf((await language.read({ rows: embedded, mask: text.mask.flat(), positionsFromMask: true })).head);
    }
    const open = async () => ({ steps: writer.steps(rows, text.mask), prompts: text.ids, ids });
    return generatedAnswer(model, output, open);
  };
}

async function retrievalAnswers(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const towers = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) => {
    const stacks = await blip2Retrieval(checkpoint);
    return {
      ...{ queries: stacks.queries, placeholder: stacks.placeholder },
      vision: await PictureTower.build(stacks.vision, options),
      former: await Stack.build(stacks.queryStack, { precision: QFORMER_PRECISION }),
      text: await TextTower.build(stacks.text, { precision: QFORMER_PRECISION }),
      joint: await JointQFormer.build(stacks.joint, stacks.queries, options),
    };
  });
  const { queries } = towers;
  const given = tokenRows(model, 'input_ids', 'attention_mask');
  const words = towers.placeholder === undefined ? given : columns(given, queries, given.length);
  const tokens = { ids: words.ids.flat(), batch: words.batch, mask: words.mask.flat() };
  const seen = once(async () => (await towers.vision.run(picturesOf(model, '')!)).hidden!);
  const images = once(async () => {
    const picture = await seen();
    const batch = picture.shape[0]!;
    const ids = Array.from({ length: batch * queries }, (_, index) => index % queries);
    const { head } = await towers.former.run({ ids, batch }, { memory: [{ rows: picture }] });
    return unitRows(arrayOf(head))!;
  });
  const texts = once(async () => unitRows(arrayOf((await towers.text.run(tokens)).head))!);
  return async (output) => {
    switch (output) {
      case 'image_embeds_vision':
        return arrayOf(await seen());
      case 'itm_logits':
        return arrayOf(await towers.joint.run(tokens, await seen()));
      case 'itc_image_embeds':
        return images();
      case 'itc_text_embeds':
        return texts();
      case 'itc_logits_per_image':
        return bestQuery(contrastiveLogits(await images(), await texts(), 1)!, queries);
    }
    return undefined;
  };
}

/** [images * queries, texts] to [images, texts]: the query that fits best. */
function bestQuery({ data, shape }: NumberArray, queries: number): NumberArray {
  const [rows = 0, texts = 0] = shape;
  const numbers = Array.from(data as ArrayLike<number>);
  const best = Array.from({ length: (rows / queries) * texts }, (_, cell) => {
    const first = Math.floor(cell / texts) * queries;
    return Math.max(
      ...Array.from({ length: queries }, (_, query) => numbers[(first + query) * texts + (cell % texts)]!),
    );
  });
  return { data: best, shape: [rows / queries, texts] };
}
