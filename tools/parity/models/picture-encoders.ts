/** Cases of encoders of pictures: families vit, deit, beit and dinov2. */
import { beit } from '../../../src/models/families/beit.ts';
import { dinov2 } from '../../../src/models/families/dinov2.ts';
import { vit } from '../../../src/models/families/vit.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type PictureStack, PictureTower } from '../../../src/models/towers/picture-tower.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { compareOutputs } from './compare-outputs.ts';
import { encoderAnswers, picturesOf } from './encoder-answers.ts';
import { openModelCase } from './model-case.ts';

type Family = (checkpoint: Checkpoint, hfClass: string) => Promise<PictureStack> | PictureStack;

function runnerOf(family: Family): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    const tower = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
      PictureTower.build(await family(checkpoint, model.hfClass), options),
    );
    const answers = encoderAnswers({
      layers: tower.stack.layers,
      head: model.hfClass.endsWith('ForImageClassification') ? 'logits' : 'pooler_output',
      run(runKind, returnHidden) {
        const pictures = picturesOf(model, runKind);
        const resized = runKind === '' ? {} : { resizePositions: true };
        return pictures && tower.run(pictures, { returnHidden, ...resized });
      },
    });
    yield* compareOutputs(model, answers, options);
    tower.release();
  };
}

export const runVit = runnerOf((checkpoint, hfClass) => vit(checkpoint, 'vit', hfClass));
export const runDeit = runnerOf((checkpoint, hfClass) => vit(checkpoint, 'deit', hfClass));
export const runDinov2 = runnerOf(dinov2);
export const runBeit = runnerOf(beit);
