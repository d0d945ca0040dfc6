/** Cases of family git: pictures and videos, logits of a text, greedy decoding. */
import { readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { git } from '../../../src/models/families/git.ts';
import { GitModel } from '../../../src/models/families/git-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { Pictures } from '../../../src/models/towers/picture-tower.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { middleRows } from './row-slices.ts';
import { tokenRows } from './token-rows.ts';

export async function* runGit(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  if (model.hfClass !== 'GitForCausalLM') throw new Error(`cases of class ${model.hfClass} cannot be run`);
  yield* compareOutputs(model, await gitAnswers(model, options), options);
}

async function gitAnswers(model: ModelCase, options: RunnerOptions): Promise<Answers> {
  const { folder, name } = model;
  const { reader, writer, ids } = await fromCheckpoint(folder, { model: name }, async (checkpoint) => ({
    reader: await GitModel.build(await git(checkpoint, 'all'), options),
    writer: await GitModel.build(await git(checkpoint, 'last'), options),
    ids: await readGenerationIds(folder, checkpoint.config),
  }));
  const pictures = picturesOf(model, '')!;
  const seen = once(() => reader.see(pictures));
  const states = Array.from({ length: reader.layers + 1 }, (_, state) => state);
  const read = once(async () => {
    const sight = await seen();
    const text = tokenRows(model, 'input_ids', 'attention_mask');
    const mask = text.mask.flatMap((row) => [...Array<number>(sight.shape[1]!).fill(1), ...row]);
    return reader.read({ sight, ids: text.ids.flat(), batch: text.batch, mask }, { returnHidden: states });
  });
  const parts: Readonly<Record<string, (array: NumberArray, rows: number) => NumberArray>> = {
    image: (array, rows) => middleRows(array, 0, rows),
    text: (array, rows) => middleRows(array, rows),
  };
  return async (output) => {
    if (output === 'vision_last') return arrayOf((await reader.vision.run(frameOf(pictures))).hidden);
    const rows = (await seen()).shape[1]!;
    const { hidden, head, hiddenStates } = await read();
    if (output === 'logits') return arrayOf(head);
    if (output === 'logits_image') return middleRows(arrayOf(head)!, rows - 1, rows);
    const [, what = '', state, part = ''] = /^(embed|hidden_(\d+)|last|logits)_(image|text)$/.exec(output) ?? [];
    const cut = parts[part];
    if (cut !== undefined) {
      const whole = what === 'last' ? hidden : what === 'logits' ? head : hiddenStates[Number(state ?? 0)];
      return whole && cut(arrayOf(whole)!, rows);
    }
    return generatedAnswer(model, output, async ({ prompt }) => {
      const prompts = tokenRows(model, 'prompt_ids').ids.map((row) => (prompt === true ? row : row.slice(0, 1)));
      return { steps: writer.steps(await seen()), prompts, ids };
    });
  };
}

/** The pictures, or the second frame of each video, which cases look at alone. */
function frameOf({ data, shape }: Pictures): Pictures {
  if (shape.length === 4) return { data, shape };
  const [batch = 0, frames = 0, ...picture] = shape;
  const size = picture.reduce((product, side) => product * side, 1);
  const chosen = new Float32Array(batch * size);
  for (let video = 0; video < batch; video += 1) {
    const start = (video * frames + 1) * size;
    chosen.set(data.subarray(start, start + size), video * size);
  }
  return { data: chosen, shape: [batch, ...picture] };
}
