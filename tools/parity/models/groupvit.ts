/** Cases of family groupvit: groups, assignments, embeddings, and the map of each text over each picture. */
import { groupvit } from '../../../src/models/families/groupvit.ts';
import { GroupvitModel } from '../../../src/models/families/groupvit-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { permute } from '../../../src/native/arrange.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { clipTextAnswers, textsOf } from './clip-text-answers.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { onceEach } from './once.ts';

export async function* runGroupvit(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    GroupvitModel.build(await groupvit(checkpoint, model.hfClass), options),
  );
  yield* compareOutputs(model, groupvitAnswers(model, built), options);
  built.release();
}

function groupvitAnswers(model: ModelCase, built: GroupvitModel): Answers {
  const pictures = picturesOf(model, '')!;
  const see = onceEach((_: 'pictures') => built.see(pictures));
  const texts = onceEach((_: 'texts') => built.embedTexts(textsOf(model)!));
  const images = onceEach(async (_: 'images') => arrayOf(await built.embedPictures(await see('pictures'))));
  const text = clipTextAnswers(model, built.text, 'pooled');
  return async (output) => {
    const sight = await see('pictures');
    const [, state] = /^vision_hidden_states\.(\d+)$/.exec(output) ?? [];
    if (state !== undefined) return arrayOf(sight.states[Number(state)]);
    const [, stage] = /^grouping_attention\.(\d+)$/.exec(output) ?? [];
    const soft = sight.soft[Number(stage)];
    if (soft !== undefined) return arrayOf(await permute(soft, [0, 2, 1]));
    const [, , height = 0, width = 0] = pictures.shape;
    switch (output) {
      case 'vision_last_hidden_state':
        return arrayOf(sight.groups);
      case 'vision_pooled':
        return arrayOf(sight.pooled);
      case 'image_features':
        return images('images');
      case 'text_features':
        return arrayOf(await texts('texts'));
      case 'image_embeds':
        return unitRows(await images('images'));
      case 'text_embeds':
        return unitRows(arrayOf(await texts('texts')));
      case 'logits_per_image':
        return logits('image_embeds', 'text_embeds');
      case 'logits_per_text':
        return logits('text_embeds', 'image_embeds');
      case 'segmentation_logits':
        return arrayOf(await built.segment(sight, await texts('texts'), { height, width }));
    }
    return output.startsWith('text_') ? text(output.slice(5)) : undefined;
  };

  async function logits(rows: 'image_embeds' | 'text_embeds', columns: 'image_embeds' | 'text_embeds') {
    const unit = {
      image_embeds: unitRows(await images('images')),
      text_embeds: unitRows(arrayOf(await texts('texts'))),
    };
    return contrastiveLogits(unit[rows], unit[columns], built.scale);
  }
}
