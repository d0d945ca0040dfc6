/** Cases of families vit and deit. */
import { vit } from '../../../src/models/families/vit.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { compareOutputs } from './compare-outputs.ts';
import { encoderAnswers, picturesOf } from './encoder-answers.ts';
import { openModelCase } from './model-case.ts';

export function vitRunner(kind: 'vit' | 'deit'): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    const tower = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
      PictureTower.build(vit(checkpoint, kind, model.hfClass), options),
    );
    const answers = encoderAnswers({
      layers: tower.stack.layers,
      head: model.hfClass.endsWith('ForImageClassification') ? 'logits' : 'pooler_output',
      run(runKind, returnHidden) {
        const pictures = picturesOf(model, runKind);
        return pictures && tower.run(pictures, { returnHidden, resizePositions: runKind !== '' });
      },
    });
    yield* compareOutputs(model, answers, options);
    tower.release();
  };
}
