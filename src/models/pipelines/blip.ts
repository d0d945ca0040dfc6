/** BLIP as a family with tasks: it writes captions and answers, and tells how well texts fit. */

import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue } from '../../protocol/value.ts';
import { finer } from '../blocks/finer-precision.ts';
import { readDecoding } from '../decoding/checkpoint-decoding.ts';
import { readNewTokens } from '../decoding/generation-config.ts';
import { languageSteps } from '../decoding/language-steps.ts';
import { writeText } from '../decoding/writer.ts';
import { blipCaption, blipQuestion, blipRetrieval } from '../families/blip.ts';
import { LanguageModel } from '../towers/language-model.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import { TextTower } from '../towers/text-tower.ts';
import type { FamilyDefinition, FamilySources, LoadedFamily } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { likeliestText } from './likeliest-text.ts';
import { embeddingRows, lookAt } from './look.ts';
import { matchTexts } from './matching.ts';
import { roomFor } from './room.ts';
import { imageOf } from './sight.ts';
import { textBatch } from './text-batch.ts';
import { imageFeatures, textFeatures } from './tower-features.ts';

/** The token that texts begin with where they look at pictures, in tokenizers that have it. */
const LOOKING = '[ENC]';
/** How the paper's captions begin. */
const CAPTION = 'a picture of {}';

export const blipFamily: FamilyDefinition = {
  name: 'blip',
  title: 'BLIP',
  paper: {
    title:
      'BLIP: Bootstrapping Language-Image Pre-training for Unified Vision-Language Understanding and Generation (2022)',
    url: 'https://arxiv.org/abs/2201.12086',
  },
  modelTypes: ['blip'],
  architectures: {
    BlipForConditionalGeneration: ['image-to-text', 'zero-shot-image-classification'],
    BlipForQuestionAnswering: ['visual-question-answering', 'multiple-choice'],
    BlipForImageTextRetrieval: ['image-text-matching', 'image-feature-extraction', 'text-feature-extraction'],
  },
  checkpoints: [
    'Salesforce/blip-image-captioning-base',
    'Salesforce/blip-image-captioning-large',
    'Salesforce/blip-vqa-base',
    'Salesforce/blip-itm-base-coco',
    'Salesforce/blip-itm-large-flickr',
  ],
  graph: 'blip-image-to-text',
  load(sources) {
    if (sources.architecture === 'BlipForQuestionAnswering') return loadQuestions(sources);
    return sources.architecture === 'BlipForImageTextRetrieval' ? loadRetrieval(sources) : loadCaptions(sources);
  },
};

/** What everything that writes is told by its checkpoint. */
async function generationOf({ checkpoint: { folder, config } }: FamilySources) {
  const text = config.section('text_config');
  return { newTokens: await readNewTokens(folder, text), byCheckpoint: await readDecoding(folder, config, text) };
}

async function loadCaptions(sources: FamilySources): Promise<LoadedFamily> {
  const { checkpoint, precision, signal } = sources;
  const { model: name } = checkpoint;
  const stacks = blipCaption(checkpoint, 'last');
  const { newTokens, byCheckpoint } = await generationOf(sources);
  const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
  const vision = await PictureTower.build(stacks.vision, finer({ precision, signal }));
  const decoder = await LanguageModel.build(stacks.decoder, { precision, signal });
  const { begin, end, padding } = stacks.tokens;
  return {
    tasks: {
      async 'image-to-text'({ image, prompt = '', maxTokens, decoding }, options = {}) {
        using rows = await lookAt(vision, processor, [image], options.signal);
        const shown = tokenizer.encode(prompt, { specialTokens: false }).ids;
        const ids = [begin, ...shown];
        const text = await writeText({
          ...{ ...options, prompt: ids, shown, tokenizer, decoding, byCheckpoint },
          steps: languageSteps(decoder, { batch: 1, memory: [{ rows }] }),
          maxTokens: maxTokens ?? roomFor(name, ids.length, decoder.positions, newTokens(ids.length)),
          rules: { endIds: [end], padId: padding },
        });
        return { kind: 'Caption', text };
      },
      async 'zero-shot-image-classification'({ image, labels, template = CAPTION }, { signal } = {}) {
        const texts = promptsOf(name, labels, template);
        using rows = await lookAt(vision, processor, [image], signal);
        return await likeliestText({
          ...{ names: labels, subject: image.name, prompt: [begin], signal },
          texts: texts.map((text) => [...tokenizer.encode(text, { specialTokens: false }).ids, end]),
          steps: languageSteps(decoder, { batch: 1, memory: [{ rows }] }),
        });
      },
    },
    bytes: vision.stack.bytes + decoder.stack.bytes,
    features: imageFeatures(vision, processor),
    release() {
      vision.release();
      decoder.release();
    },
  };
}

async function loadQuestions(sources: FamilySources): Promise<LoadedFamily> {
  const { checkpoint, precision, signal } = sources;
  const { model: name } = checkpoint;
  const stacks = blipQuestion(checkpoint, 'last');
  const { newTokens, byCheckpoint } = await generationOf(sources);
  const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
  const vision = await PictureTower.build(stacks.vision, finer({ precision, signal }));
  const reader = await TextTower.build(stacks.question, finer({ precision, signal }));
  const decoder = await LanguageModel.build(stacks.decoder, { precision, signal });
  const { begin, end, padding } = stacks.tokens;

  /** Rows of the question that looked at the picture. */
  async function ask(image: ImageValue, question: string, signal: AbortSignal | undefined): Promise<Tensor> {
    using picture = await lookAt(vision, processor, [image], signal);
    const tokens = textBatch({ tokenizer, tower: reader }, [question]);
    const { hidden } = await reader.run(tokens, { memory: [{ rows: picture }], signal });
    return hidden!;
  }

  return {
    tasks: {
      async 'visual-question-answering'({ question, maxTokens, decoding, ...seen }, options = {}) {
        using rows = await ask(imageOf(name, seen), question, options.signal);
        const text = await writeText({
          ...{ ...options, prompt: [begin], tokenizer, decoding, byCheckpoint },
          steps: languageSteps(decoder, { batch: 1, memory: [{ rows }] }),
          maxTokens: maxTokens ?? roomFor(name, 1, decoder.positions, newTokens(1)),
          rules: { endIds: [end], padId: padding },
        });
        return { kind: 'Answer', text };
      },
      async 'multiple-choice'({ question, choices, ...seen }, { signal } = {}) {
        using rows = await ask(imageOf(name, seen), question, signal);
        return await likeliestText({
          ...{ names: choices, subject: question, prompt: [begin], signal },
          texts: choices.map((choice) => [...tokenizer.encode(choice, { specialTokens: false }).ids, end]),
          steps: languageSteps(decoder, { batch: 1, memory: [{ rows }] }),
        });
      },
    },
    bytes: vision.stack.bytes + reader.stack.bytes + decoder.stack.bytes,
    features: imageFeatures(vision, processor),
    release() {
      for (const part of [vision, reader, decoder]) part.release();
    },
  };
}

async function loadRetrieval(sources: FamilySources): Promise<LoadedFamily> {
  const { checkpoint, precision, signal } = sources;
  const stacks = blipRetrieval(checkpoint);
  const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
  const vision = await PictureTower.build(stacks.vision, { precision, signal });
  const text = await TextTower.build(stacks.text, { precision, signal });
  const joint = await TextTower.build(stacks.joint, { precision, signal });
  const looking = tokenizer.idOf(LOOKING);
  return {
    tasks: {
      async 'image-text-matching'({ texts, ...seen }, options = {}) {
        const image = imageOf(checkpoint.model, seen);
        using picture = await lookAt(vision, processor, [image], options.signal);
        return await matchTexts(picture, texts, image.name, options, async (some, rows) => {
          const { ids, ...tokens } = textBatch({ tokenizer, tower: joint }, some);
          const length = ids.length / tokens.batch;
          const begun = Array.from(ids as ArrayLike<number | bigint>, (id, place) =>
            looking !== undefined && place % length === 0 ? looking : Number(id),
          );
          const memory = [{ rows }];
          const outputs = { hidden: false };
          return (await joint.run({ ...tokens, ids: begun }, { memory, outputs, signal: options.signal })).head!;
        });
      },
      async 'image-feature-extraction'({ images }, { signal } = {}) {
        return embeddingRows(images, async (some) => {
          const { pixelValues, shape } = await processor.processBatch(some, { signal });
          return (await vision.run({ data: pixelValues, shape }, { outputs: { hidden: false }, signal })).head!;
        });
      },
      async 'text-feature-extraction'({ texts }, { signal } = {}) {
        return embeddingRows(texts, async (some) => {
          const tokens = textBatch({ tokenizer, tower: text }, some);
          return (await text.run(tokens, { outputs: { hidden: false }, signal })).head!;
        });
      },
    },
    embedding: { dim: stacks.dim },
    features: { ...imageFeatures(vision, processor), ...textFeatures(text, tokenizer) },
    bytes: vision.stack.bytes + text.stack.bytes + joint.stack.bytes,
    release() {
      for (const part of [vision, text, joint]) part.release();
    },
  };
}
