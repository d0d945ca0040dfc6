/** Cases of models of two towers: both, with and without their projections, and the logits between them. */

import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { DualEncoderStacks, Heads, Similarity } from '../../../src/models/towers/dual-encoder.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { encoderAnswers, picturesOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

type Family = (checkpoint: Checkpoint, heads: Heads) => Promise<DualEncoderStacks>;

/** `maskedRuns`: texts are run without their mask, and with it in outputs named `masked.…`, as SigLIP's cases are. */
export function dualEncoderRunner(
  hfClass: string,
  family: Family,
  { maskedRuns = false }: { maskedRuns?: boolean } = {},
): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    if (model.hfClass !== hfClass) throw new Error(`cases of class ${model.hfClass} cannot be run`);
    const { towers, similarity } = await openTowers(model, family, options);
    const vision = joined(
      visionAnswers(model, towers.vision, 'features'),
      visionAnswers(model, towers.bareVision, 'pooled'),
    );
    const textOf = (tower: TextTower, head: string) => textAnswers(model, tower, head, maskedRuns);
    const text = joined(textOf(towers.text, 'features'), textOf(towers.bareText, 'pooled'));
    yield* compareOutputs(model, dualEncoderAnswers({ vision, text, similarity }), options);
    for (const tower of Object.values(towers)) tower.release();
  };
}

/** The towers without projections share all their weights with those that have one. */
function openTowers({ folder, name }: ModelCase, family: Family, options: RunnerOptions) {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => {
    const { vision, text, similarity } = await family(checkpoint, 'projected');
    const bare = await family(checkpoint, 'pooled');
    const towers = {
      vision: await PictureTower.build(vision, options),
      bareVision: await PictureTower.build(bare.vision, options),
      text: await TextTower.build(text, options),
      bareText: await TextTower.build(bare.text, options),
    };
    return { towers, similarity };
  });
}

export interface DualEncoderParts {
  /** Outputs of each tower, without its name: `features` as projected, `pooled` before, hidden states. */
  readonly vision: Answers;
  readonly text: Answers;
  readonly similarity: Similarity;
}

/** Outputs of a model of two towers; before a dot the kind of run. */
export function dualEncoderAnswers({ vision, text, similarity }: DualEncoderParts): Answers {
  const { scale, bias = 0 } = similarity;
  const images = async (kind: string) => unitRows(await vision(`${kind}features`));
  const texts = async (kind: string) => unitRows(await text(`${kind}features`));
  return async (output): Promise<NumberArray | undefined> => {
    const [, kind = '', name = ''] = /^(\w+\.(?!\d))?(.+)$/.exec(output) ?? [];
    // Pictures of another size, and texts with a mask, are compared with the plain run's others.
    const [pictureKind, textKind] = kind.startsWith('interp') ? [kind, ''] : ['', kind];
    switch (name) {
      case 'image_features':
        return vision(`${kind}features`);
      case 'image_embeds':
        return images(kind);
      case 'text_embeds':
        return texts(kind);
      case 'logits_per_image':
        return contrastiveLogits(await images(pictureKind), await texts(textKind), scale, bias);
      case 'logits_per_text':
        return contrastiveLogits(await texts(textKind), await images(pictureKind), scale, bias);
    }
    const [, tower, rest] = /^(vision|text)_(.+)$/.exec(name) ?? [];
    return tower === undefined ? undefined : (tower === 'vision' ? vision : text)(`${kind}${rest}`);
  };
}

/** What the first knows, else what the second does. */
export function joined(first: Answers, second: Answers): Answers {
  return async (output) => (await first(output)) ?? (await second(output));
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

export function textAnswers(model: ModelCase, tower: TextTower, head: string, maskedRuns = false): Answers {
  return encoderAnswers({
    layers: tower.stack.layers,
    head,
    run(kind, returnHidden) {
      const ids = tokensOf(model, 'input_ids');
      if (ids === undefined || !(kind === '' || (maskedRuns && kind === 'masked'))) return undefined;
      const [batch = 1] = model.inputs.get('input_ids')?.shape ?? [];
      const mask = maskedRuns && kind === '' ? undefined : tokensOf(model, 'attention_mask');
      const segments = tokensOf(model, 'token_type_ids');
      const given = { ...(mask === undefined ? {} : { mask }), ...(segments === undefined ? {} : { segments }) };
      return tower.run({ ids, batch, ...given }, { returnHidden });
    },
  });
}
