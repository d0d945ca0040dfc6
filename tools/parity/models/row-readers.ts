/** Cases of classifiers that read several rows: families deit_distilled and dinov2_seqcls. */
import { DISTILLED_ROWS, distilledDeit } from '../../../src/models/families/deit-distilled.ts';
import { dinov2Classifier } from '../../../src/models/families/dinov2-classifier.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { RowReader, type RowReaderSpec } from '../../../src/models/towers/row-reader.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { compareOutputs } from './compare-outputs.ts';
import { encoderAnswers, picturesOf } from './encoder-answers.ts';
import { openModelCase } from './model-case.ts';

type Family<Name extends string> = (checkpoint: Checkpoint, hfClass: string) => RowReaderSpec<Name>;

/** @param parts what single parts of the model give, by the output's name: which row each reads */
function runnerOf<Name extends string>(
  family: Family<Name>,
  parts: Readonly<Record<string, { readonly name: Name; readonly row: number }>>,
): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    const reader = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
      RowReader.build(family(checkpoint, model.hfClass), options),
    );
    const start = (kind: string, returnHidden: readonly number[]) => {
      const pictures = picturesOf(model, kind);
      return pictures && reader.run(pictures, { returnHidden, ...(kind === '' ? {} : { resizePositions: true }) });
    };
    const whole = encoderAnswers({ layers: reader.tower.stack.layers, head: 'logits', run: start });
    yield* compareOutputs(
      model,
      async (output) => {
        const [, kind = '', name = ''] = /^(?:(\w+)\.)?(\w+)$/.exec(output) ?? [];
        const part = parts[name];
        if (part === undefined) return whole(output);
        const result = await start(kind, []);
        return result && rowOf(await reader.linears[part.name].run(result.hidden!), part.row);
      },
      options,
    );
    reader.release();
  };
}

/** One row of every item. */
function rowOf(rows: Tensor, row: number): NumberArray {
  const [batch = 0, length = 0, width = 0] = rows.shape;
  const numbers = rows.toFloats();
  const data = Array.from({ length: batch }, (_, item) => [
    ...numbers.subarray((item * length + row) * width, (item * length + row + 1) * width),
  ]);
  return { data: data.flat(), shape: [batch, width] };
}

export const runDistilledDeit = runnerOf(distilledDeit, {
  cls_logits: { name: 'classToken', row: DISTILLED_ROWS.classToken },
  distillation_logits: { name: 'distillation', row: DISTILLED_ROWS.distillation },
});
export const runDinov2Classifier = runnerOf(dinov2Classifier, {});
