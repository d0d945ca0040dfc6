/** Cases of family xclip: frames, videos, texts as videos change them, and the logits between them. */
import { xclip } from '../../../src/models/families/xclip.ts';
import { type XclipSight, XclipVideo } from '../../../src/models/families/xclip-video.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { TextTower } from '../../../src/models/towers/text-tower.ts';
import { Stack } from '../../../src/native/stack.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { clipTextAnswers, textsOf, withoutProjection } from './clip-text-answers.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { unitRows } from './contrastive.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { onceEach } from './once.ts';

export async function* runXclip(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const opened = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) => {
    const stacks = await xclip(checkpoint, model.hfClass);
    const { linear: _, ...bare } = stacks.pooler.head!;
    return {
      video: await XclipVideo.build(stacks, options),
      bareText: await withoutProjection(stacks.text, options),
      barePooler: await Stack.build({ ...stacks.pooler, head: bare }, options),
    };
  });
  yield* compareOutputs(model, xclipAnswers(model, opened), options);
  for (const part of Object.values(opened)) part.release();
}

interface Opened {
  readonly video: XclipVideo;
  readonly bareText: TextTower;
  /** The class token, normalised and not projected. */
  readonly barePooler: Stack;
}

function xclipAnswers(model: ModelCase, { video, bareText, barePooler }: Opened): Answers {
  const see = onceEach(async (kind: string) => {
    const videos = picturesOf(model, kind);
    if (videos === undefined) throw new Error(`the case has no videos for "${kind}"`);
    const hidden: (NumberArray | undefined)[] = [];
    const onHidden = (rows: Tensor) => hidden.push(arrayOf(rows));
    return { hidden, sight: await video.see(videos, { resizePositions: kind !== '', onHidden }) };
  });
  const ask = onceEach((_: 'texts') => video.ask(textsOf(model)!));
  const texts = onceEach(async (kind: string) =>
    unitRows(arrayOf(await video.adapt((await see(kind)).sight, await ask('texts')))),
  );
  const text = clipTextAnswers(model, bareText, 'pooled');
  const logits = async (kind: string) =>
    videoLogits(unitRows(arrayOf((await see(kind)).sight.embeds))!, (await texts(kind))!, video.scale);
  return async (output) => {
    const [, kind = '', name = ''] = /^(interp\d*)?\.?(.+)$/.exec(output) ?? [];
    const { hidden, sight } = await see(kind);
    const [, state] = /^vision_hidden_states\.(\d+)$/.exec(name) ?? [];
    if (state !== undefined) return hidden[Number(state)];
    switch (name) {
      case 'logits_per_video':
        return logits(kind);
      case 'logits_per_text':
        return transposed(await logits(kind));
      case 'text_embeds':
        return texts(kind);
      case 'text_features':
        return arrayOf(await ask('texts'));
      case 'vision_pooled':
        return arrayOf((await barePooler.run({ rows: sight.rows })).head);
    }
    return name.startsWith('text_') ? text(name.slice(5)) : seen(sight, name);
  };
}

function seen({ rows, frames, embeds }: XclipSight, name: string): NumberArray | undefined {
  switch (name) {
    case 'vision_last_hidden_state':
      return arrayOf(rows);
    case 'mit_last_hidden_state':
      return arrayOf(frames);
    case 'mit_pooled':
    case 'video_features':
      return arrayOf(embeds);
    case 'video_embeds':
      return unitRows(arrayOf(embeds));
  }
  return undefined;
}

/** [videos, texts]: each video with the texts [videos, texts, dim] as it changed them. */
function videoLogits(videos: NumberArray, texts: NumberArray, scale: number): NumberArray {
  const [count = 0, each = 0, dim = 0] = texts.shape;
  const data = Float32Array.from({ length: count * each }, (_, cell) => {
    let sum = 0;
    for (let index = 0; index < dim; index += 1) {
      sum += Number(videos.data[Math.floor(cell / each) * dim + index]) * Number(texts.data[cell * dim + index]);
    }
    return scale * sum;
  });
  return { data, shape: [count, each] };
}

function transposed({ data, shape }: NumberArray): NumberArray {
  const [rows = 0, columns = 0] = shape;
  const turned = Array.from(
    { length: rows * columns },
    (_, cell) => data[(cell % rows) * columns + Math.floor(cell / rows)]!,
  );
  return { data: turned, shape: [columns, rows] };
}
