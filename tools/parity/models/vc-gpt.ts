/** Cases of family vc-gpt: the states of both speakers, and what they say together. */
import { VcGpt, vcGpt } from '../../../src/models/families/vc-gpt.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { caseInput, numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runVcGpt(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
    VcGpt.build(vcGpt(checkpoint), options),
  );
  const answers = blockAnswers(async () => {
    const { language, fused, logits } = await built.read({
      ids: numbersOfCase(model, 'tokens'),
      batch: caseInput(model, 'tokens').shape[0]!,
      mask: numbersOfCase(model, 'mask'),
      visual: tensorOfCase(model, 'visual'),
    });
    return { language_hidden: language, fused_hidden: fused, logits };
  });
  yield* compareOutputs(model, answers, options);
  built.release();
}
