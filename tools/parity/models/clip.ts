/** Cases of family clip: both towers, with and without their projections, and the logits between them. */
import { CLIP_BUFFERS, clip, clipText, clipVision, towerConfig } from '../../../src/models/families/clip.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { encoderAnswers, picturesOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

export async function* runClip(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  if (model.hfClass !== 'CLIPModel') throw new Error(`cases of class ${model.hfClass} cannot be run`);
  const { towers, logitScale } = await openTowers(model, options);
  yield* compareOutputs(model, clipAnswers(model, towers, logitScale), options);
  for (const tower of Object.values(towers)) tower.release();
}

type Towers = Awaited<ReturnType<typeof openTowers>>['towers'];

/** The towers without projections share all their weights with those that have one. */
function openTowers({ folder, name }: ModelCase, options: RunnerOptions) {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => {
    const { vision, text, logitScale } = await clip(checkpoint);
    const { config, weights } = checkpoint;
    const bareVision = clipVision(towerConfig(config, 'vision'), weights);
    const bareText = clipText(towerConfig(config, 'text'), weights);
    weights.finish({ ignore: [CLIP_BUFFERS] });
    const towers = {
      vision: await PictureTower.build(vision, options),
      bareVision: await PictureTower.build(bareVision, options),
      text: await TextTower.build(text, options),
      bareText: await TextTower.build(bareText, options),
    };
    return { towers, logitScale };
  });
}

function clipAnswers(model: ModelCase, towers: Towers, logitScale: number): Answers {
  const vision = visionAnswers(model, towers.vision, 'features');
  const bareVision = visionAnswers(model, towers.bareVision, 'pooled');
  const text = textAnswers(model, towers.text, 'features');
  const bareText = textAnswers(model, towers.bareText, 'pooled');
  const logits = async (rows: string, columns: string) =>
    contrastiveLogits(await answers(rows), await answers(columns), Math.exp(logitScale));
  const answers: Answers = async (output): Promise<NumberArray | undefined> => {
    const [, kind = '', name = ''] = /^(interp\d*\.)?(.+)$/.exec(output) ?? [];
    switch (name) {
      case 'image_features':
        return vision(`${kind}features`);
      case 'text_features':
        return text(`${kind}features`);
      case 'vision_pooled':
        return bareVision(`${kind}pooled`);
      case 'text_pooled':
        return bareText(`${kind}pooled`);
      case 'image_embeds':
        return unitRows(await vision(`${kind}features`));
      case 'text_embeds':
        return unitRows(await text(`${kind}features`));
      case 'logits_per_image':
        return logits(`${kind}image_embeds`, 'text_embeds');
      case 'logits_per_text':
        return logits('text_embeds', `${kind}image_embeds`);
    }
    const [, tower, rest] = /^(vision|text)_(.+)$/.exec(name) ?? [];
    return tower === undefined ? undefined : (tower === 'vision' ? vision : text)(`${kind}${rest}`);
  };
  return answers;
}

function visionAnswers(model: ModelCase, tower: PictureTower, head: string): Answers {
  return encoderAnswers({
    layers: tower.stack.layers,
    head,
    run(kind, returnHidden) {
      const pictures = picturesOf(model, kind);
      return pictures && tower.run(pictures, { returnHidden, resizePositions: kind !== '' });
    },
  });
}

function textAnswers(model: ModelCase, tower: TextTower, head: string): Answers {
  return encoderAnswers({
    layers: tower.stack.layers,
    head,
    run(kind, returnHidden) {
      const ids = kind === '' ? tokensOf(model, 'input_ids') : undefined;
      const mask = tokensOf(model, 'attention_mask');
      const [batch = 1] = model.inputs.get('input_ids')?.shape ?? [];
      return ids && tower.run({ ids, batch, ...(mask === undefined ? {} : { mask }) }, { returnHidden });
    },
  });
}
