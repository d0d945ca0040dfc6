/** head/detect: a detector's raw rows as labelled boxes on the original picture. Must not know any single model. */
import { WeftError } from '../../errors.ts';
import { toPicture } from '../../image/placement.ts';
import type { TensorValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { readRows } from '../detection-rows.ts';
import { LABEL_SETS, resolveLabels } from '../label-sets.ts';
import { modelLabels } from '../model-labels.ts';
import type { Services } from '../services.ts';
import { suppress } from '../suppression.ts';

export default defineNode({
  type: 'head/detect',
  version: 1,
  title: 'Detection',
  summary: 'Labelled boxes from the rows of an object detector.',
  doc: `Takes rows of four box numbers, objectness (unless switched off) and one score per class, as most exported detectors
give them. A row's class is its best one, its score objectness ^ \`objectnessPower\` x class ^ \`classPower\`.
Rows below \`threshold\` go; of boxes that overlap, the best stays (non-maximum suppression); the rest is
mapped back onto the original picture, through resize, crop and padding, and cut off at its edges. Boxes are in pixels of the
original picture, best first.

Labels: \`labels\`, else \`id2label\` of the \`model\`'s config.json, else \`class N\`.

Errors: \`run/bad-input\` when the rows do not have that shape or do not come from a picture, \`run/bad-parameter\` when there
are fewer labels than classes, \`model/bad-config\`.`,
  params: {
    threshold: { kind: 'number', doc: 'Lowest score kept.', default: 0.35, min: 0, max: 1, step: 0.01 },
    labels: {
      kind: 'texts',
      doc: `Class names in the model's order, or the one name of a built-in set: ${Object.keys(LABEL_SETS).join(', ')}.`,
      optional: true,
    },
    model: { kind: 'model', families: [], doc: 'Model whose config.json names the classes.', optional: true },
    box: {
      kind: 'choice',
      doc: 'The four box numbers: centre and size, two corners, or corner and size.',
      options: ['cxcywh', 'xyxy', 'xywh'],
      default: 'cxcywh',
      advanced: true,
    },
    units: {
      kind: 'choice',
      doc: "Box numbers count pixels of the model's input, or go from 0 to 1.",
      options: ['pixels', 'normalized'],
      default: 'pixels',
      advanced: true,
    },
    objectness: { kind: 'boolean', doc: 'The fifth number is an objectness.', default: true, advanced: true },
    transposed: {
      kind: 'boolean',
      doc: 'Rows are columns: [4 + classes, N], as YOLOv8 exports.',
      default: false,
      advanced: true,
    },
    activation: {
      kind: 'choice',
      doc: 'What is still to be applied to objectness and class scores.',
      options: ['none', 'sigmoid'],
      default: 'none',
      advanced: true,
    },
    objectnessPower: {
      kind: 'number',
      doc: 'Exponent of the objectness in the score.',
      default: 1,
      min: 0,
      max: 8,
      advanced: true,
    },
    classPower: {
      kind: 'number',
      doc: 'Exponent of the class score in the score.',
      default: 1,
      min: 0,
      max: 8,
      advanced: true,
    },
    overlap: {
      kind: 'number',
      doc: 'A box goes when it overlaps a better one by more than this (intersection over union).',
      default: 0.45,
      min: 0,
      max: 1,
      step: 0.01,
      advanced: true,
    },
    perClass: {
      kind: 'boolean',
      doc: 'Only boxes of the same class suppress each other.',
      default: true,
      advanced: true,
    },
    maxBoxes: {
      kind: 'number',
      doc: 'Boxes kept per picture.',
      default: 100,
      min: 1,
      max: 10_000,
      integer: true,
      advanced: true,
    },
  },
  inputs: {
    rows: {
      type: { kind: 'Tensor', dtype: 'float32' },
      doc: 'float32 [N, 4 + 1 + classes] (or [1, N, ...]) of one picture, as encode/onnx gives it.',
    },
  },
  outputs: { boxes: { type: { kind: 'Boxes' }, doc: 'Boxes in pixels of the original picture, best first.' } },
  async run({ params, inputs: { rows }, context }) {
    const { width, height, name, placement } = originOf(rows);
    const found = readRows(rows, params);
    const classes = classCount(rows, params);
    const labels = await labelsOf(params, classes, context.services);
    const [unitX, unitY] =
      params.units === 'normalized' ? [placement.gridWidth, placement.gridHeight] : ([1, 1] as const);
    const scaled = found.map((box) => ({
      ...box,
      x: box.x * unitX,
      y: box.y * unitY,
      width: box.width * unitX,
      height: box.height * unitY,
    }));
    const kept = suppress(scaled, { overlap: params.overlap, perGroup: params.perClass, limit: params.maxBoxes });
    const boxes = kept.flatMap((box) => {
      const place = toPicture(box, placement, { width, height });
      return place === undefined ? [] : [{ ...place, label: labels[box.group]!, score: box.score }];
    });
    const subject = name === undefined ? {} : { subject: name };
    return { boxes: { kind: 'Boxes', boxes, imageWidth: width, imageHeight: height, ...subject } };
  },
});

function originOf({ origin }: TensorValue) {
  if (origin?.placement === undefined) {
    throw new WeftError('run/bad-input', {
      expected: 'rows that know their picture (through preprocess/image and encode/onnx)',
      socket: 'rows',
      received: 'rows of unknown origin',
    });
  }
  return { ...origin, placement: origin.placement };
}

function classCount({ shape }: TensorValue, { transposed, objectness }: { transposed: boolean; objectness: boolean }) {
  const size = shape.at(transposed ? -2 : -1) ?? 0;
  return size - (objectness ? 5 : 4);
}

async function labelsOf(
  { labels, model }: { labels: readonly string[] | undefined; model: string | undefined },
  classes: number,
  services: Pick<Services, 'models'>,
): Promise<readonly string[]> {
  const given = hasAny(labels)
    ? resolveLabels(labels)
    : model !== undefined
      ? await modelLabels(services.models, model)
      : undefined;
  if (given === undefined) return Array.from({ length: classes }, (_, index) => `class ${index}`);
  if (given.length < classes) {
    throw new WeftError('run/bad-parameter', {
      expected: `${classes} class names`,
      param: hasAny(labels) ? 'labels' : 'model',
      received: given.length,
    });
  }
  return given;
}

function hasAny(labels: readonly string[] | undefined): labels is readonly string[] {
  return labels !== undefined && labels.length > 0;
}
