/** Cases of family fiber: fused layers one after the other, and the first one without its other side. */
import { fiber } from '../../../src/models/families/fiber.ts';
import { FusedSide } from '../../../src/models/fusion/backbone-gate.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runFiber(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const layers = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    Promise.all(
      (await fiber(checkpoint)).map(async ({ image, text }) => ({
        image: await FusedSide.build(image, options),
        text: await FusedSide.build(text, options),
      })),
    ),
  );
  const answers = blockAnswers(async () => {
    const mask = numbersOfCase(model, 'text_mask');
    let image = { rows: tensorOfCase(model, 'image') };
    let text = { rows: tensorOfCase(model, 'text'), mask };
    const outputs: Record<string, Tensor | undefined> = {
      image_plain: (await layers[0]!.image.run(image, undefined)).rows,
      text_plain: (await layers[0]!.text.run(text, undefined)).rows,
    };
    for (const [index, layer] of layers.entries()) {
      const [seen, said] = [await layer.image.run(image, text), await layer.text.run(text, image)];
      outputs[`image_cross_${index}`] = seen.crossed;
      outputs[`text_cross_${index}`] = said.crossed;
      outputs[`image_${index}`] = seen.rows;
      outputs[`text_${index}`] = said.rows;
      image = { rows: seen.rows };
      text = { rows: said.rows, mask };
    }
    return outputs;
  });
  yield* compareOutputs(model, answers, options);
  for (const side of layers.flatMap(({ image, text }) => [image, text])) side.release();
}
