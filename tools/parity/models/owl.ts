/** Cases of families owlvit and owlv2: towers, boxes, detection by texts and by pictures, and what is made of it. */
import { type OwlKind, owl } from '../../../src/models/families/owl.ts';
import { detections } from '../../../src/models/families/owl-boxes.ts';
import { OwlDetector, type OwlSight } from '../../../src/models/families/owl-detector.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { clipTextAnswers, textsOf, withoutProjection } from './clip-text-answers.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { onceEach } from './once.ts';

export function owlRunner(kind: OwlKind): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    const { detector, bareText } = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) => {
      const stacks = await owl(checkpoint, kind, model.hfClass);
      return {
        detector: await OwlDetector.build(stacks, options),
        bareText: await withoutProjection(stacks.text, options),
      };
    });
    const text = clipTextAnswers(model, bareText, 'pooled');
    const detection = detectionAnswers(model, detector);
    yield* compareOutputs(
      model,
      (output) => (/^text_(?!embeds)/.test(output) ? text(output.slice(5)) : detection(output)),
      options,
    );
    detector.release();
    bareText.release();
  };
}

/** Which input holds the pictures of a run. */
const RUNS = { plain: '', interp: 'interp' } as const;

function detectionAnswers(model: ModelCase, detector: OwlDetector): Answers {
  const see = onceEach((run: 'plain' | 'interp' | 'query') => {
    const returnHidden = Array.from({ length: detector.vision.stack.layers + 1 }, (_, state) => state);
    const pictures = run === 'query' ? queryPictures(model) : picturesOf(model, RUNS[run]);
    if (pictures === undefined) throw new Error(`the case has no pictures for "${run}"`);
    return detector.see(pictures, { returnHidden, resizePositions: run === 'interp' });
  });
  const texts = onceEach((_: 'texts') => detector.ask(textsOf(model)!));
  const query = onceEach(async (_: 'query') => detector.query(await see('query')));
  const padding = (text: number) => Number(textsOf(model)!.ids[text * model.inputs.get('input_ids')!.shape[1]!]) === 0;
  const logits = onceEach(async (run: 'plain' | 'interp' | 'guided') => {
    const sight = await see(run === 'guided' ? 'plain' : run);
    if (run === 'guided') return logitsArray(sight, await detector.compare(sight, (await query('query')).embeds));
    return logitsArray(sight, await detector.compare(sight, await texts('texts'), { isPadding: padding }));
  });
  return async (output) => {
    const [, kind = '', name = ''] = /^(?:(\w+)\.)??((?:\w+_hidden_states\.)?\w+)$/.exec(output) ?? [];
    const [, picture, part] = /^post\.(\d+)\.(\w+)$/.exec(output) ?? [];
    if (picture !== undefined) return posted(model, await see('plain'), await logits('plain'), Number(picture), part!);
    switch (kind) {
      case '':
        return name === 'text_embeds'
          ? textEmbeds(await see('plain'), await texts('texts'), detector.dim)
          : name === 'logits'
            ? logits('plain')
            : seen(await see('plain'), name);
      case 'interp':
        return name === 'logits' ? logits('interp') : seen(await see('interp'), name);
      case 'base':
        return base(await see('plain'), await texts('texts'), detector, name);
      case 'guided':
        return guided(name);
      case 'post':
        // Threshold and sizes: what the reference was given, not what it gave.
        return ['threshold', 'target_sizes'].includes(name) ? model.outputs.get(output) : undefined;
    }
    return undefined;
  };

  async function guided(name: string): Promise<NumberArray | undefined> {
    const [sight, queried] = [await see('plain'), await query('query')];
    const { patches, embeds } = queried;
    switch (name) {
      case 'query_embeds':
        return { data: embeds, shape: [patches.length, 1, detector.dim] };
      case 'best_box_indices':
        return { data: patches, shape: [patches.length, 1] };
      case 'logits':
        return logits('guided');
      case 'target_pred_boxes':
        return seen(sight, 'pred_boxes');
      case 'query_pred_boxes':
        return seen(await see('query'), 'pred_boxes');
      case 'query_image_embeds':
        return seen(await see('query'), 'image_embeds');
    }
    return seen(sight, name);
  }
}

function queryPictures({ inputs }: ModelCase) {
  const tensor = inputs.get('query_pixel_values');
  return tensor?.data instanceof Float32Array ? { data: tensor.data, shape: tensor.shape } : undefined;
}

function seen(sight: OwlSight, name: string): NumberArray | undefined {
  const [pictures = 0, patches = 0, width = 0] = sight.features.shape;
  const [, state] = /^vision_hidden_states\.(\d+)$/.exec(name) ?? [];
  if (state !== undefined) return arrayOf(sight.vision.hiddenStates[Number(state)]);
  switch (name) {
    case 'vision_last_hidden_state':
      // The stream before its last norm.
      return arrayOf(sight.vision.hiddenStates.at(-1));
    case 'image_embeds':
      return { data: sight.features.toFloats(), shape: [pictures, ...sight.grid, width] };
    case 'class_embeds':
      // As the class head compares them: of length one.
      return unitRows(arrayOf(sight.embeds));
    case 'pred_boxes':
      return { data: sight.boxes, shape: [pictures, patches, 4] };
    case 'objectness_logits':
      return sight.objectness && { data: sight.objectness, shape: [pictures, patches] };
  }
  return undefined;
}

function base({ vision }: OwlSight, texts: Float32Array, { dim, scale }: OwlDetector, name: string) {
  const images = unitRows(arrayOf(vision.head));
  if (name === 'image_embeds') return images;
  const shape = [texts.length / dim, dim];
  return name === 'logits_per_image' ? contrastiveLogits(images, { data: texts, shape }, scale) : undefined;
}

function textEmbeds({ features }: OwlSight, texts: Float32Array, dim: number): NumberArray {
  const [pictures = 1] = features.shape;
  return { data: texts, shape: [pictures, texts.length / dim / pictures, dim] };
}

function logitsArray({ features }: OwlSight, data: Float32Array): NumberArray {
  const [pictures = 0, patches = 0] = features.shape;
  return { data, shape: [pictures, patches, data.length / pictures / patches] };
}

/** post_process_object_detection of one picture; the case itself says threshold and size. */
function posted({ outputs }: ModelCase, { boxes }: OwlSight, logits: NumberArray, picture: number, part: string) {
  const [pictures = 0, patches = 0, queries = 0] = logits.shape;
  const [height, width] = [0, 1].map((side) => Number(outputs.get('post.target_sizes')!.data[2 * picture + side]));
  const ofPicture = (data: Float32Array, size: number) => data.subarray(picture * size, (picture + 1) * size);
  const found = detections(
    ofPicture(logits.data as Float32Array, patches * queries),
    ofPicture(boxes, boxes.length / pictures),
    { threshold: Number(outputs.get('post.threshold')!.data[0]), scale: [width!, height!] },
  );
  switch (part) {
    case 'scores':
      return { data: found.map(({ score }) => score), shape: [found.length] };
    case 'labels':
      return { data: found.map(({ query }) => query), shape: [found.length] };
    case 'boxes':
      return { data: found.flatMap(({ corners }) => corners), shape: [found.length, 4] };
  }
  return undefined;
}
