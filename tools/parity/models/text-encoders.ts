/** Cases of families that read tokens all at once: bert, roberta, distilbert. */
import { bert } from '../../../src/models/families/bert.ts';
import { distilbert } from '../../../src/models/families/distilbert.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { type TextStack, TextTower } from '../../../src/models/towers/text-tower.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { compareOutputs } from './compare-outputs.ts';
import { encoderAnswers, tokensOf } from './encoder-answers.ts';
import { openModelCase } from './model-case.ts';

function runnerOf(family: (checkpoint: Checkpoint, hfClass: string) => TextStack): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    const tower = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
      TextTower.build(family(checkpoint, model.hfClass), options),
    );
    const answers = encoderAnswers({
      layers: tower.stack.layers,
      head: /For\w+$/.test(model.hfClass) ? 'logits' : 'pooler_output',
      run(runKind, returnHidden) {
        const ids = tokensOf(model, 'input_ids');
        if (ids === undefined || !['', 'ids_only'].includes(runKind)) return undefined;
        const [batch = 1] = model.inputs.get('input_ids')?.shape ?? [];
        const mask = runKind === '' ? tokensOf(model, 'attention_mask') : undefined;
        const segments = runKind === '' ? tokensOf(model, 'token_type_ids') : undefined;
        const given = { ...(mask === undefined ? {} : { mask }), ...(segments === undefined ? {} : { segments }) };
        return tower.run({ ids, batch, ...given }, { returnHidden });
      },
    });
    yield* compareOutputs(model, answers, options);
    tower.release();
  };
}

export const runBert = runnerOf((checkpoint, hfClass) => bert(checkpoint, 'bert', hfClass));
export const runRoberta = runnerOf((checkpoint, hfClass) => bert(checkpoint, 'roberta', hfClass));
export const runDistilbert = runnerOf(distilbert);
