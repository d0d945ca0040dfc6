/** Cases of family simvlm: encoder and decoder, and the same objective in one stack. */

import { simvlm } from '../../../src/models/families/simvlm.ts';
import { SimVlm } from '../../../src/models/families/simvlm-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { caseInput, cutRows, numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runSimvlm(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    SimVlm.build(model.name, await simvlm(checkpoint), options),
  );
  const answers = blockAnswers(async () => {
    const given = {
      picture: tensorOfCase(model, 'image'),
      ids: numbersOfCase(model, 'text'),
      mask: numbersOfCase(model, 'text_mask'),
      prefixLengths: numbersOfCase(model, 'prefix_length'),
      suffix: caseInput(model, 'suffix_mask').shape[1]!,
    };
    const pictureRows = given.picture.shape[1]!;
    const { encoded, suffix, logits } = await built.encodeDecode(given);
    const single = await built.readAll(given);
    const [batch = 0, rows = 0] = single.all.shape;
    return {
      encoder_image: await cutRows(encoded, 0, pictureRows),
      decoder_hidden: suffix,
      encdec_logits: logits,
      prefix_mask: { data: built.mask(given), shape: [batch, rows, rows] },
      single_image: await cutRows(single.all, 0, pictureRows),
      single_text: await cutRows(single.all, pictureRows, rows),
      prefixlm_logits: single.logits,
    };
  });
  yield* compareOutputs(model, answers, options);
  built.release();
}
