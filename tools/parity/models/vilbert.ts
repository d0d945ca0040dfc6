/** Cases of family vilbert: every co-attention block's streams, and those between its halves. */
import { vilbert } from '../../../src/models/families/vilbert.ts';
import { CoAttention } from '../../../src/models/fusion/co-attention.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runVilbert(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const blocks = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
    Promise.all(vilbert(checkpoint).map((block) => CoAttention.build(block, options))),
  );
  const answers = blockAnswers(async () => {
    const outputs: Record<string, Tensor> = {};
    const masks = { vision: numbersOfCase(model, 'vision_mask'), text: numbersOfCase(model, 'text_mask') };
    let [vision, text] = [tensorOfCase(model, 'vision'), tensorOfCase(model, 'text')];
    for (const [layer, block] of blocks.entries()) {
      const given = [
        { rows: vision, mask: masks.vision },
        { rows: text, mask: masks.text },
      ] as const;
      const made = await block.run(...given);
      for (const [name, tensor] of Object.entries(made)) {
        outputs[`${name.replace('Attended', '_attended')}_${layer}`] = tensor;
      }
      ({ vision, text } = made);
    }
    return outputs;
  });
  yield* compareOutputs(model, answers, options);
  for (const block of blocks) block.release();
}
