/**
 * Scenes in the formats of the datasets that others know: COCO captions and instances, VQAv2, SNLI-VE.
 * Must not write files (main.ts does) or invent statements.
 */
import { closeClaim, completeClaim, partClaim } from './captions.ts';
import { type EntailmentRow, entailmentOf } from './entailment.ts';
import { areaOf, boxInPixels, segmentationOf } from './masks.ts';
import { say } from './phrases.ts';
import { type QuestionKind, questionsOf } from './questions.ts';
import { Random } from './random.ts';
import { generatorVersion, type Scene } from './scene.ts';
import type { Split } from './splits.ts';
import { shapes } from './vocabulary.ts';

const licence = { id: 1, name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' };
const captionChoosers = [completeClaim, closeClaim, closeClaim, partClaim, partClaim];

/** The seed is the picture's id, so a file name tells its scene. */
export function pictureName(scene: Scene): string {
  return `${String(scene.seed).padStart(12, '0')}.png`;
}

function info(split: Split) {
  return { description: `Weft drawn world, ${split}`, version: String(generatorVersion), contributor: 'Weft' };
}

function images(scenes: readonly Scene[], size: number) {
  return scenes.map((scene) => ({
    id: scene.seed,
    file_name: pictureName(scene),
    width: size,
    height: size,
    license: licence.id,
  }));
}

/** Five captions a scene, as COCO has; the first is complete. */
export function captionsOf(scene: Scene): string[] {
  return captionChoosers.map((choose, i) => {
    const random = new Random(scene.seed, `caption-${i}`);
    return say(choose(scene, random), random).text;
  });
}

/** COCO captions JSON. */
export function cocoCaptions(scenes: readonly Scene[], split: Split, size: number) {
  const annotations = scenes.flatMap((scene) =>
    captionsOf(scene).map((caption, i) => ({ id: scene.seed * 10 + i, image_id: scene.seed, caption })),
  );
  return { info: info(split), licenses: [licence], images: images(scenes, size), annotations };
}

/** COCO instances JSON; categories are the shapes, colour and the rest are extra fields. */
export function cocoInstances(scenes: readonly Scene[], split: Split, size: number) {
  const annotations = scenes.flatMap((scene) =>
    scene.objects.map((object, i) => ({
      id: scene.seed * 10 + i,
      image_id: scene.seed,
      category_id: shapes.indexOf(object.shape) + 1,
      segmentation: segmentationOf(object, size),
      area: areaOf(object.outline, size),
      bbox: boxInPixels(object, size),
      iscrowd: 0,
      attributes: { colour: object.colour, size: object.size, texture: object.texture },
    })),
  );
  const categories = shapes.map((name, i) => ({ id: i + 1, name, supercategory: 'shape' }));
  return { info: info(split), licenses: [licence], images: images(scenes, size), annotations, categories };
}

const answerType: Record<QuestionKind, 'yes/no' | 'number' | 'other'> = {
  what: 'other',
  colour: 'other',
  count: 'number',
  exists: 'yes/no',
  relation: 'yes/no',
  compare: 'yes/no',
};

/** VQAv2 questions JSON and annotations JSON; the ten annotators agree. */
export function vqa(scenes: readonly Scene[], split: Split) {
  const asked = scenes.flatMap((scene) =>
    questionsOf(scene).map((question, i) => ({ ...question, image_id: scene.seed, question_id: scene.seed * 100 + i })),
  );
  const head = { info: info(split), data_type: 'weft', data_subtype: split, license: licence };
  const questions = asked.map(({ image_id, question, question_id }) => ({ image_id, question, question_id }));
  const annotations = asked.map(({ image_id, question_id, question, answer, kind }) => ({
    question_id,
    image_id,
    question_type: question.split(' ').slice(0, 2).join(' '),
    answer_type: answerType[kind],
    multiple_choice_answer: answer,
    answers: Array.from({ length: 10 }, (_, i) => ({ answer, answer_confidence: 'yes', answer_id: i + 1 })),
  }));
  return {
    questions: { ...head, task_type: 'Open-Ended', questions },
    annotations: { ...head, annotations },
  };
}

/** SNLI-VE rows. */
export function entailment(scenes: readonly Scene[]): EntailmentRow[] {
  return scenes.flatMap((scene) => entailmentOf(scene, pictureName(scene)));
}

/** The structured truth of a scene, for people and tests; lengths are fractions of the picture side. */
export function truthRecord(scene: Scene) {
  const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
  return {
    seed: scene.seed,
    file_name: pictureName(scene),
    background: scene.background.kind,
    tone: scene.background.tone,
    objects: scene.objects.map(({ shape, colour, size, texture, box }) => ({
      shape,
      colour,
      size,
      texture,
      box: [box.x, box.y, box.width, box.height].map(rounded),
    })),
    captions: captionsOf(scene),
  };
}
