/** Cases of family clipseg: CLIP's towers, and masks by texts, by other pictures and by ready conditions. */
import { clipseg } from '../../../src/models/families/clipseg.ts';
import { ClipsegSegmenter } from '../../../src/models/families/clipseg-segmenter.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { clipTextAnswers, textsOf } from './clip-text-answers.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { onceEach } from './once.ts';

export async function* runClipseg(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const segmenter = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    ClipsegSegmenter.build(await clipseg(checkpoint, model.hfClass), options),
  );
  yield* compareOutputs(model, clipsegAnswers(model, segmenter), options);
  segmenter.release();
}

/** What the mask is conditioned on, as outputs are called. */
type Condition = 'text' | 'image' | 'embeds';

function clipsegAnswers(model: ModelCase, segmenter: ClipsegSegmenter): Answers {
  const states = Array.from({ length: segmenter.vision.stack.layers + 1 }, (_, state) => state);
  const see = onceEach((_: 'pictures') => segmenter.see(floatsOf(model, 'pixel_values'), { returnHidden: states }));
  const condition = onceEach(async (kind: Condition) => {
    if (kind === 'text') return segmenter.ask(textsOf(model)!);
    if (kind === 'image') return segmenter.askPictures(floatsOf(model, 'conditional_pixel_values'));
    const { data, shape } = floatsOf(model, 'conditional_embeddings');
    return Tensor.from(data, shape);
  });
  const segment = onceEach(async (kind: Condition) => {
    const hidden: (NumberArray | undefined)[] = [];
    const onHidden = (rows: Tensor) => hidden.push(arrayOf(rows));
    const logits = await segmenter.segment(await see('pictures'), await condition(kind), { onHidden });
    return { logits: arrayOf(logits), hidden };
  });
  const text = clipTextAnswers(model, segmenter.text, 'features');
  return async (output) => {
    const [, kind, name] = /^(text|image|embeds)\.(.+)$/.exec(output) ?? [];
    if (kind !== undefined) return conditioned(kind as Condition, name!);
    const [, state] = /^vision_hidden_states\.(\d+)$/.exec(output) ?? [];
    const { vision } = await see('pictures');
    if (state !== undefined) return arrayOf(vision.hiddenStates[Number(state)]);
    switch (output) {
      case 'vision_last_hidden_state':
        return arrayOf(vision.hidden);
      case 'pooled_output':
        return arrayOf(vision.head);
      case 'clip.logits_per_image':
        return contrastiveLogits(unitRows(arrayOf(vision.head)), unitRows(await text('features')), segmenter.scale);
    }
    return output.startsWith('text_') ? text(output.slice(5)) : undefined;
  };

  async function conditioned(kind: Condition, name: string): Promise<NumberArray | undefined> {
    if (name === 'conditional_embeddings') return arrayOf(await condition(kind));
    const { logits, hidden } = await segment(kind);
    const [, state] = /^decoder_hidden_states\.(\d+)$/.exec(name) ?? [];
    return name === 'logits' ? logits : hidden[Number(state)];
  }
}

function floatsOf({ inputs, folder }: ModelCase, name: string): { data: Float32Array; shape: readonly number[] } {
  const tensor = inputs.get(name);
  if (tensor?.data instanceof Float32Array) return { data: tensor.data, shape: tensor.shape };
  throw new Error(`${folder} has no input "${name}" of float32`);
}
