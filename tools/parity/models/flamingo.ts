/** Cases of family flamingo: the resampler, and the gated block under both views of the pictures. */
import { flamingo, placeMedia } from '../../../src/models/families/flamingo.ts';
import { GatedCrossAttention, mediaBias } from '../../../src/models/fusion/gated-cross-attention.ts';
import { PerceiverResampler } from '../../../src/models/fusion/perceiver-resampler.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { reshape } from '../../../src/native/arrange.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runFlamingo(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) => {
    const { resampler, positions, gated } = await flamingo(checkpoint);
    return {
      positions,
      resampler: await PerceiverResampler.build(resampler, options),
      gated: await GatedCrossAttention.build(gated, options),
    };
  });
  const answers = blockAnswers(async () => {
    const visual = tensorOfCase(model, 'visual');
    const [batch = 0, count = 0] = visual.shape;
    const latents = await built.resampler.run(await placeMedia(visual, built.positions));
    const [, rows = 0, width = 0] = latents.shape;
    const media = reshape(latents, [batch, count * rows, width]);
    const text = tensorOfCase(model, 'text');
    const locations = numbersOfCase(model, 'media_locations');
    const latest = { text, media, bias: mediaBias(locations, batch, count, rows, 'latest') };
    const all = { text, media, bias: mediaBias(locations, batch, count, rows, 'all') };
    return {
      resampled: reshape(latents, [batch, count, rows, width]),
      immediate: await built.gated.run(latest),
      all_previous: await built.gated.run(all),
      attention_only: await built.gated.attend(latest),
    };
  });
  yield* compareOutputs(model, answers, options);
  built.resampler.release();
  built.gated.release();
}
