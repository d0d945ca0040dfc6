/** BLIP-2 as a family with tasks: OPT writes captions and answers; the Q-Former tells how well texts fit. */

import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue } from '../../protocol/value.ts';
import { readCheckpointWriting } from '../decoding/checkpoint-decoding.ts';
import { writeText } from '../decoding/writer.ts';
import { blip2Caption, blip2Retrieval } from '../families/blip2.ts';
import { Blip2Model } from '../families/blip2-model.ts';
import { JointQFormer } from '../families/joint-qformer.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import type { FamilyDefinition, FamilySources, LoadedFamily } from './family.ts';
import { likeliestText } from './likeliest-text.ts';
import { lookAt } from './look.ts';
import { matchTexts } from './matching.ts';
import { roomFor } from './room.ts';
import { imageOf } from './sight.ts';
import type { TaskOptions, Writing } from './task.ts';
import { textBatch } from './text-batch.ts';
import { imageFeatures } from './tower-features.ts';

interface Request extends TaskOptions, Writing {
  readonly image: ImageValue;
  readonly prompt: string;
  readonly showsPrompt: boolean;
}

export const blip2Family: FamilyDefinition = {
  name: 'blip2',
  title: 'BLIP-2',
  paper: {
    title:
      'BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image Encoders and Large Language Models (2023)',
    url: 'https://arxiv.org/abs/2301.12597',
  },
  modelTypes: ['blip-2'],
  architectures: {
    Blip2ForConditionalGeneration: ['image-to-text', 'visual-question-answering', 'multiple-choice'],
    Blip2ForImageTextRetrieval: ['image-text-matching'],
  },
  checkpoints: [
    'Salesforce/blip2-opt-2.7b',
    'Salesforce/blip2-opt-2.7b-coco',
    'Salesforce/blip2-opt-6.7b',
    'Salesforce/blip2-itm-vit-g',
    'Salesforce/blip2-itm-vit-g-coco',
  ],
  graph: 'blip2-image-to-text',
  load(sources) {
    return sources.architecture === 'Blip2ForImageTextRetrieval' ? loadRetrieval(sources) : loadCaptions(sources);
  },
};

async function loadCaptions({ checkpoint, precision, signal, ...sources }: FamilySources): Promise<LoadedFamily> {
  const { folder, model: name } = checkpoint;
  const stacks = await blip2Caption(checkpoint, 'last');
  const { endIds, padId = 1, newTokens, byCheckpoint } = await readCheckpointWriting(folder, stacks.text);
  const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
  const model = await Blip2Model.build(stacks, { precision, signal });
  const places = Array<number>(model.queries).fill(model.placeholder);

  const encode = (text: string) => tokenizer.encode(text, { specialTokens: false }).ids;
  const asked = (question: string) => `Question: ${question} Answer:`;

  async function see(image: ImageValue, signal: AbortSignal | undefined): Promise<Tensor> {
    const { pixelValues, shape } = await processor.processBatch([image], { signal });
    const seen = await model.see({ data: pixelValues, shape }, signal);
    seen.picture.release();
    seen.queries.release();
    return seen.rows;
  }

  async function write({ image, prompt, showsPrompt, maxTokens, ...options }: Request): Promise<string> {
    using rows = await see(image, options.signal);
    const words = encode(prompt);
    const ids = [...places, stacks.begin, ...words];
    return await writeText({
      ...{ ...options, prompt: ids, shown: showsPrompt ? words : [], tokenizer, byCheckpoint },
      steps: model.steps(rows),
      maxTokens: maxTokens ?? roomFor(name, ids.length, model.language.positions, newTokens(1 + words.length)),
      rules: { endIds, padId },
    });
  }

  return {
    tasks: {
      async 'image-to-text'({ image, prompt = '', ...writing }, options) {
        return { kind: 'Caption', text: await write({ image, prompt, showsPrompt: true, ...writing, ...options }) };
      },
      async 'visual-question-answering'({ question, maxTokens, decoding, ...seen }, options) {
        const prompt = asked(question);
        const image = imageOf(name, seen);
        return {
          kind: 'Answer',
          text: await write({ image, prompt, showsPrompt: false, maxTokens, decoding, ...options }),
        };
      },
      async 'multiple-choice'({ question, choices, ...seen }, { signal } = {}) {
        using rows = await see(imageOf(name, seen), signal);
        return await likeliestText({
          ...{ names: choices, subject: question, signal },
          prompt: [...places, stacks.begin, ...encode(asked(question))],
          texts: choices.map((choice) => [...encode(` ${choice}`), ...endIds.slice(0, 1)]),
          steps: model.steps(rows),
        });
      },
    },
    bytes: model.bytes,
    features: imageFeatures(model.vision, processor),
    release: () => model.release(),
  };
}

async function loadRetrieval({ checkpoint, precision, signal, ...sources }: FamilySources): Promise<LoadedFamily> {
  const { model: name } = checkpoint;
  const { vision: picture, joint: stacks, queries } = await blip2Retrieval(checkpoint);
  const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
  const vision = await PictureTower.build(picture, { precision, signal });
  const joint = await JointQFormer.build(stacks, queries, { signal });
  const tower = { name, positions: stacks.textRows.positions };
  return {
    tasks: {
      async 'image-text-matching'({ texts, ...seen }, options = {}) {
        const image = imageOf(name, seen);
        using rows = await lookAt(vision, processor, [image], options.signal);
        return await matchTexts(rows, texts, image.name, options, (some, each) =>
          joint.run(textBatch({ tokenizer, tower }, some), each, options.signal),
        );
      },
    },
    bytes: vision.stack.bytes + joint.bytes,
    features: imageFeatures(vision, processor),
    release() {
      vision.release();
      joint.release();
    },
  };
}
