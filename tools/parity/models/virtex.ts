/** Cases of family virtex: both directions over one feature map. */
import { virtex } from '../../../src/models/families/virtex.ts';
import { VirtexHead } from '../../../src/models/families/virtex-head.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runVirtex(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const head = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
    VirtexHead.build(virtex(checkpoint), options),
  );
  const answers = blockAnswers(async () => {
    const visual = tensorOfCase(model, 'visual');
    const mask = numbersOfCase(model, 'mask');
    const forward = await head.read('forward', { visual, mask, ids: numbersOfCase(model, 'tokens') });
    const backward = await head.read('backward', { visual, mask, ids: numbersOfCase(model, 'reversed_tokens') });
    return {
      forward_hidden: forward.hidden,
      forward_logits: forward.logits,
      backward_hidden: backward.hidden,
      backward_logits: backward.logits,
    };
  });
  yield* compareOutputs(model, answers, options);
  head.release();
}
