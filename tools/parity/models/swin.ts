/** Cases of family swin: its hidden states also as planes, `reshaped_hidden_states.N`. */
import { swin } from '../../../src/models/families/swin.ts';
import { SwinTower } from '../../../src/models/families/swin-tower.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { permute, reshape } from '../../../src/native/arrange.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, encoderAnswers, picturesOf } from './encoder-answers.ts';
import { openModelCase } from './model-case.ts';

export async function* runSwin(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const tower = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    SwinTower.build(await swin(checkpoint, model.hfClass), options),
  );
  const run = (kind: string, returnHidden: readonly number[]) => {
    const pictures = picturesOf(model, kind);
    const resized = kind === '' ? {} : { resizePositions: true };
    return pictures && tower.run(pictures, { returnHidden, ...resized });
  };
  const head = model.hfClass.endsWith('ForImageClassification') ? 'logits' : 'pooler_output';
  const encoder = encoderAnswers({ layers: tower.layers, head, run });
  const answers: Answers = async (output) => {
    const [, kind = '', state] = /^(?:(\w+)\.)?reshaped_hidden_states\.(\d+)$/.exec(output) ?? [];
    if (state === undefined) return encoder(output);
    const result = await run(kind, [Number(state)]);
    const map = result?.hiddenStates[0];
    if (result === undefined || map === undefined) return undefined;
    const [batch = 0, , width = 0] = map.shape;
    const planes = await permute(reshape(map, [batch, ...result.grids[Number(state)]!, width]), [0, 3, 1, 2]);
    return arrayOf(planes);
  };
  yield* compareOutputs(model, answers, options);
  tower.release();
}
