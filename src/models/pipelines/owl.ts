/** OWL-ViT and OWLv2 as families with tasks: objects by texts, and objects that look like the one of another picture. */

import { nms } from '../../native/choices.ts';
import type { BoxesValue, ImageValue } from '../../protocol/value.ts';
import { type OwlKind, owl } from '../families/owl.ts';
import { type Detection, detections, relativeScores } from '../families/owl-boxes.ts';
import { OwlDetector, type OwlSight, releaseSight } from '../families/owl-detector.ts';
import { encodeTexts } from './encode-texts.ts';
import type { FamilyDefinition, FamilySources, LoadedFamily } from './family.ts';
import { boxesOf, type DetectorProcessing, TEXT_THRESHOLD } from './found-boxes.ts';
import { promptsOf } from './label-prompts.ts';
import { loadOnnxOwl } from './onnx-owl.ts';
import type { TaskOptions } from './task.ts';
import { imageFeatures, textFeatures } from './tower-features.ts';

const TASKS = ['zero-shot-object-detection', 'image-guided-object-detection'] as const;

export const owlvitFamily: FamilyDefinition = {
  name: 'owlvit',
  title: 'OWL-ViT',
  paper: {
    title: 'Simple Open-Vocabulary Object Detection with Vision Transformers (2022)',
    url: 'https://arxiv.org/abs/2205.06230',
  },
  modelTypes: ['owlvit'],
  architectures: { OwlViTForObjectDetection: TASKS },
  checkpoints: ['google/owlvit-base-patch32', 'google/owlvit-base-patch16', 'google/owlvit-large-patch14'],
  graph: 'owlvit-detection',
  load: (sources) => loadOwl(sources, 'owlvit'),
  onnx: { architectures: { OwlViTForObjectDetection: [TASKS[0]] }, load: loadOnnxOwl },
};

export const owlv2Family: FamilyDefinition = {
  name: 'owlv2',
  title: 'OWLv2',
  paper: { title: 'Scaling Open-Vocabulary Object Detection (2023)', url: 'https://arxiv.org/abs/2306.09683' },
  modelTypes: ['owlv2'],
  architectures: { Owlv2ForObjectDetection: TASKS },
  checkpoints: [
    'google/owlv2-base-patch16',
    'google/owlv2-base-patch16-ensemble',
    'google/owlv2-large-patch14-ensemble',
  ],
  graph: 'owlv2-detection',
  load: (sources) => loadOwl(sources, 'owlv2'),
  onnx: { architectures: { Owlv2ForObjectDetection: [TASKS[0]] }, load: loadOnnxOwl },
};

interface Owl extends DetectorProcessing {
  readonly detector: OwlDetector;
}

/** transformers' threshold of matches with a picture before they are told by the best one. */
const MATCH_THRESHOLD = 0;
/** Matches that cover each other by more than this are one. */
const MATCH_OVERLAP = 0.3;

async function loadOwl(sources: FamilySources, kind: OwlKind): Promise<LoadedFamily> {
  const { checkpoint, architecture, precision, signal } = sources;
  const detector = await OwlDetector.build(await owl(checkpoint, kind, architecture), { precision, signal });
  const model: Owl = {
    ...{ name: checkpoint.model, detector },
    processor: await sources.imageProcessor(),
    tokenizer: await sources.tokenizer(),
  };
  return {
    tasks: {
      'zero-shot-object-detection': ({ image, labels, threshold = TEXT_THRESHOLD }, options) =>
        detectByTexts(model, image, labels, threshold, options),
      'image-guided-object-detection': ({ image, query, threshold = MATCH_THRESHOLD }, options) =>
        detectByPicture(model, image, query, threshold, options),
    },
    bytes: detector.bytes,
    features: {
      ...imageFeatures(detector.vision, model.processor),
      ...textFeatures(detector.text, model.tokenizer),
    },
    release: () => detector.release(),
  };
}

/** One box for each patch whose best label has more than the threshold. */
async function detectByTexts(
  model: Owl,
  image: ImageValue,
  labels: readonly string[],
  threshold: number,
  { signal }: TaskOptions = {},
): Promise<BoxesValue> {
  const { detector, tokenizer } = model;
  const tokens = encodeTexts(tokenizer, promptsOf(model.name, labels), { positions: detector.text.positions });
  const queries = await detector.ask(tokens, { signal });
  const sight = await see(model, image, signal);
  try {
    const logits = await detector.compare(sight, queries, { signal });
    const found = detections(logits, sight.boxes, { threshold, scale: [1, 1] });
    return boxesOf(model, image, found, (query) => labels[query]!);
  } finally {
    releaseSight(sight);
  }
}

/** Scores are told in relation to the best match; their label is the query picture's name. */
async function detectByPicture(
  model: Owl,
  image: ImageValue,
  query: ImageValue,
  threshold: number,
  { signal }: TaskOptions = {},
): Promise<BoxesValue> {
  const { detector } = model;
  const [sight, asked] = [await see(model, image, signal), await see(model, query, signal)];
  try {
    const { embeds } = await detector.query(asked, { signal });
    const logits = await detector.compare(sight, embeds, { signal });
    return boxesOf(
      model,
      image,
      await bestMatches(logits, sight.boxes, { threshold, signal }),
      () => query.name ?? 'match',
    );
  } finally {
    releaseSight(sight);
    releaseSight(asked);
  }
}

/**
 * Of the patches' matches with one query, logits [patches] and boxes [patches, 4], those that reach the threshold and cover
 * no better one, best first; scores in relation to the best. What has a tenth of it or less is left out.
 */
export async function bestMatches(
  logits: Float32Array,
  boxes: Float32Array,
  { threshold, signal }: { readonly threshold: number; readonly signal?: AbortSignal | undefined },
): Promise<Detection[]> {
  const all = detections(logits, boxes, { threshold: Number.NEGATIVE_INFINITY, scale: [1, 1] });
  const corners = Float32Array.from(all.flatMap((one) => one.corners));
  const scores = Float32Array.from(all, ({ score }) => score);
  const kept = await nms(corners, scores, { overlap: MATCH_OVERLAP, leastScore: threshold, signal });
  const matches = Array.from(kept, (index) => all[index]!);
  const relative = relativeScores(matches.map(({ score }) => score));
  return matches.map((match, index) => ({ ...match, score: relative[index]! })).filter(({ score }) => score > 0);
}

async function see(
  { detector, processor }: Owl,
  image: ImageValue,
  signal: AbortSignal | undefined,
): Promise<OwlSight> {
  const { pixelValues, shape } = await processor.processBatch([image], { signal });
  return detector.see({ data: pixelValues, shape }, { signal });
}
