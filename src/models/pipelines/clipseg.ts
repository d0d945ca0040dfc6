/** CLIPSeg as a family with tasks: masks by texts, and of what looks like another picture. */
import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue, MasksValue } from '../../protocol/value.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { clipseg } from '../families/clipseg.ts';
import { ClipsegSegmenter, releaseClipsegSight } from '../families/clipseg-segmenter.ts';
import { encodeTexts } from './encode-texts.ts';
import type { FamilyDefinition } from './family.ts';
import { labelMasks, limitOf, type SegmenterProcessing, THRESHOLD } from './label-masks.ts';
import { promptsOf } from './label-prompts.ts';
import { loadOnnxClipseg } from './onnx-clipseg.ts';
import { imageFeatures, textFeatures } from './tower-features.ts';

export const clipsegFamily: FamilyDefinition = {
  name: 'clipseg',
  title: 'CLIPSeg',
  paper: {
    title: 'Image Segmentation Using Text and Image Prompts (2022)',
    url: 'https://arxiv.org/abs/2112.10003',
  },
  modelTypes: ['clipseg'],
  architectures: { CLIPSegForImageSegmentation: ['zero-shot-image-segmentation', 'image-guided-segmentation'] },
  checkpoints: ['CIDAS/clipseg-rd64-refined', 'CIDAS/clipseg-rd64', 'CIDAS/clipseg-rd16'],
  graph: 'clipseg-segmentation',
  onnx: {
    architectures: { CLIPSegForImageSegmentation: ['zero-shot-image-segmentation'] },
    load: loadOnnxClipseg,
  },
  async load({ checkpoint, architecture, precision, signal: ending, imageProcessor, tokenizer }) {
    const segmenter = await ClipsegSegmenter.build(await clipseg(checkpoint, architecture), {
      ...{ precision, signal: ending },
    });
    const model: Clipseg = {
      ...{ name: checkpoint.model, segmenter },
      ...{ processor: await imageProcessor(), tokenizer: await tokenizer() },
    };
    return {
      tasks: {
        async 'zero-shot-image-segmentation'({ image, labels, threshold = THRESHOLD }, { signal } = {}) {
          const { positions } = segmenter.text;
          const tokens = encodeTexts(model.tokenizer, promptsOf(model.name, labels), { positions });
          using conditions = await segmenter.ask(tokens, { signal });
          return await segment(model, { image, conditions, labels, threshold, signal });
        },
        async 'image-guided-segmentation'({ image, query, threshold = THRESHOLD }, { signal } = {}) {
          const { pixelValues, shape } = await model.processor.processBatch([query], { signal });
          using conditions = await segmenter.askPictures({ data: pixelValues, shape }, { signal });
          return await segment(model, { image, conditions, labels: [query.name ?? 'match'], threshold, signal });
        },
      },
      bytes: segmenter.bytes,
      features: {
        ...imageFeatures(segmenter.vision, model.processor),
        ...textFeatures(segmenter.text, model.tokenizer),
      },
      release: () => segmenter.release(),
    };
  },
};

interface Clipseg extends SegmenterProcessing {
  readonly segmenter: ClipsegSegmenter;
  readonly tokenizer: Tokenizer;
}

interface Asked {
  readonly image: ImageValue;
  /** One for each label. */
  readonly conditions: Tensor;
  readonly labels: readonly string[];
  /** Of a pixel's probability. */
  readonly threshold: number;
  readonly signal: AbortSignal | undefined;
}

/** Every label is judged alone. */
async function segment({ name, segmenter, processor }: Clipseg, asked: Asked): Promise<MasksValue> {
  const { image, conditions, labels, threshold, signal } = asked;
  const limit = limitOf(name, threshold);
  const { pixelValues, shape } = await processor.processBatch([image], { signal });
  const sight = await segmenter.see({ data: pixelValues, shape }, { signal });
  try {
    using logits = await segmenter.segment(sight, conditions, { signal });
    return await labelMasks({ name, processor }, logits, { image, labels, limit, signal });
  } finally {
    releaseClipsegSight(sight);
  }
}
