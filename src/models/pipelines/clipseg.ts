/** CLIPSeg as a family with tasks: masks by texts, and of what looks like another picture. */
import { WeftError } from '../../errors.ts';
import type { ImageProcessor } from '../../image/processor.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue, MasksValue } from '../../protocol/value.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { logit, sigmoid } from '../blocks/sigmoid.ts';
import { clipseg } from '../families/clipseg.ts';
import { ClipsegSegmenter, releaseClipsegSight } from '../families/clipseg-segmenter.ts';
import { encodeTexts } from './encode-texts.ts';
import type { FamilyDefinition } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { masksAbove, seenRegion } from './picture-masks.ts';
import { placeIn } from './picture-place.ts';
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

interface Clipseg {
  /** How errors name it. */
  readonly name: string;
  readonly segmenter: ClipsegSegmenter;
  readonly processor: ImageProcessor;
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

const THRESHOLD = 0.5;

/** Every label is judged alone, by a sigmoid; its score is that of the surest pixel. */
async function segment({ name, segmenter, processor }: Clipseg, asked: Asked): Promise<MasksValue> {
  const { image, conditions, labels, threshold, signal } = asked;
  const limit = limitOf(name, threshold);
  const { pixelValues, shape } = await processor.processBatch([image], { signal });
  const sight = await segmenter.see({ data: pixelValues, shape }, { signal });
  try {
    using logits = await segmenter.segment(sight, conditions, { signal });
    const place = { region: seenRegion(placeIn(name, processor, image), image), picture: image, signal };
    const data = await masksAbove(logits, limit, place);
    const surest = largestOfEach(logits);
    const masks = data.map((mask, index) => ({ label: labels[index]!, score: sigmoid(surest[index]!), data: mask }));
    return { kind: 'Masks', width: image.width, height: image.height, masks };
  } finally {
    releaseClipsegSight(sight);
  }
}

/** The logit of a probability. Throws `model/bad-input` for what is none. */
function limitOf(model: string, threshold: number): number {
  if (threshold >= 0 && threshold <= 1) return logit(threshold);
  const expected = 'a probability from 0 to 1';
  throw new WeftError('model/bad-input', { model, input: 'threshold', expected, received: String(threshold) });
}

function largestOfEach(planes: Tensor): number[] {
  const [count = 0] = planes.shape;
  const numbers = planes.toFloats();
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, plane) =>
    numbers.subarray(plane * size, (plane + 1) * size).reduce((most, value) => Math.max(most, value)),
  );
}
