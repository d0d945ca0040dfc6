/** Cases of family bridgetower: both towers and the cross layers after every layer, and the heads over them. */
import { bridgeTower } from '../../../src/models/families/bridgetower.ts';
import { BridgeTower, type BridgeTowerResult } from '../../../src/models/families/bridgetower-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf, picturesOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

export async function* runBridgeTower(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    BridgeTower.build(await bridgeTower(checkpoint, model.hfClass), options),
  );
  yield* compareOutputs(model, bridgeTowerAnswers(model, built), options);
  built.release();
}

function bridgeTowerAnswers(model: ModelCase, built: BridgeTower): Answers {
  let run: Promise<BridgeTowerResult> | undefined;
  return async (output) => {
    run ??= runCase(model, built);
    const result = await run;
    const isContrastive = built.parts.architecture === 'BridgeTowerForContrastiveLearning';
    return (
      (isContrastive ? await contrastive(output, built, result) : undefined) ?? (await plain(output, built, result))
    );
  };
}

function runCase(model: ModelCase, built: BridgeTower): Promise<BridgeTowerResult> {
  const mask = tokensOf(model, 'attention_mask');
  const batch = model.inputs.get('input_ids')!.shape[0]!;
  const tokens = { ids: tokensOf(model, 'input_ids')!, batch, ...(mask === undefined ? {} : { mask }) };
  return built.run({ tokens, pictures: picturesOf(model, '')! }, { allStates: true });
}

async function plain(output: string, built: BridgeTower, result: BridgeTowerResult): Promise<NumberArray | undefined> {
  switch (output) {
    case 'logits':
      return arrayOf(
        built.heads.has('matching')
          ? await built.heads.run('matching', result.pooled)
          : await built.heads.run('vocabulary', result.text),
      );
    case 'text_features':
      return arrayOf(result.text);
    case 'image_features':
      return arrayOf(result.image);
    case 'pooler_output':
      return arrayOf(result.pooled);
  }
  const [, part, side, state] = /^(?:(cross)_)?(text|image)_(?:hidden_)?(\d+)$/.exec(output) ?? [];
  if (part === 'cross') return arrayOf(result.crossStates[Number(state)]?.[side as 'text' | 'image']);
  return arrayOf((side === 'text' ? result.textStates : result.imageStates)[Number(state ?? -1)]);
}

async function contrastive(
  output: string,
  built: BridgeTower,
  result: BridgeTowerResult,
): Promise<NumberArray | undefined> {
  const embeddings = await built.embed(result);
  const text = unitRows(arrayOf(embeddings.text))!;
  const image = unitRows(arrayOf(embeddings.image))!;
  const cross = unitRows(arrayOf(embeddings.cross))!;
  const logits = (a: NumberArray, b: NumberArray) => contrastiveLogits(a, b, Math.exp(built.parts.logitScale!))!;
  switch (output) {
    case 'text_embeds':
      return text;
    case 'image_embeds':
      return image;
    case 'cross_embeds':
      return cross;
    case 'logits':
      return stacked([text, image, cross]);
    case 'logits_text_to_image':
      return logits(text, image);
    case 'loss': {
      const losses = [logits(text, image), logits(text, cross), logits(image, cross)].map(crossEntropy);
      return { data: [losses.reduce((sum, loss) => sum + loss, 0) / 3], shape: [1] };
    }
    default:
      return undefined;
  }
}

/** [items, arrays, width] of arrays [items, width]. */
function stacked(arrays: readonly NumberArray[]): NumberArray {
  const [items = 0, width = 0] = arrays[0]!.shape;
  const data = Array.from({ length: items }, (_, item) =>
    arrays.flatMap(({ data: numbers }) =>
      Array.from({ length: width }, (_, index) => Number(numbers[item * width + index])),
    ),
  );
  return { data: data.flat(), shape: [items, arrays.length, width] };
}

/** The mean of -log softmax at the diagonal. */
function crossEntropy({ data, shape: [items = 0] }: NumberArray): number {
  const losses = Array.from({ length: items }, (_, item) => {
    const row = Array.from({ length: items }, (_, index) => Number(data[item * items + index]));
    const most = Math.max(...row);
    return most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0)) - row[item]!;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / items;
}
