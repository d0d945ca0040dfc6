/** GIT as a family with tasks: it writes about pictures and videos, and answers questions that stand before the answer. */

import type { ImageValue } from '../../protocol/value.ts';
import { readCheckpointWriting } from '../decoding/checkpoint-decoding.ts';
import { writeText } from '../decoding/writer.ts';
import { git } from '../families/git.ts';
import { GitModel } from '../families/git-model.ts';
import type { FamilyDefinition } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { likeliestText } from './likeliest-text.ts';
import { roomFor } from './room.ts';
import { imageOf } from './sight.ts';
import type { TaskOptions, Writing } from './task.ts';
import { imageFeatures } from './tower-features.ts';

interface Request extends TaskOptions, Writing {
  /** A picture, or a video where `isVideo`. */
  readonly images: readonly ImageValue[];
  readonly isVideo?: boolean;
  readonly prompt: string;
  /** Whether the prompt is part of the text. */
  readonly showsPrompt: boolean;
}

export const gitFamily: FamilyDefinition = {
  name: 'git',
  title: 'GIT',
  paper: {
    title: 'GIT: A Generative Image-to-text Transformer for Vision and Language (2022)',
    url: 'https://arxiv.org/abs/2205.14100',
  },
  modelTypes: ['git'],
  architectures: {
    GitForCausalLM: [
      'image-to-text',
      'visual-question-answering',
      'video-to-text',
      'multiple-choice',
      'zero-shot-image-classification',
    ],
  },
  checkpoints: [
    'microsoft/git-base-coco',
    'microsoft/git-large-coco',
    'microsoft/git-base-vqav2',
    'microsoft/git-base-textvqa',
    'microsoft/git-base-vatex',
  ],
  graph: 'git-image-to-text',
  async load({ checkpoint, precision, signal, ...sources }) {
    const { config, folder, model: name } = checkpoint;
    const begin = config.id('bos_token_id', 101);
    const { endIds, padId = 0, newTokens, byCheckpoint } = await readCheckpointWriting(folder, config);
    const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
    const model = await GitModel.build(await git(checkpoint, 'last'), { precision, signal });
    const encode = (text: string) => tokenizer.encode(text, { specialTokens: false }).ids;

    async function write(request: Request): Promise<string> {
      const { images, isVideo = false, prompt, showsPrompt, maxTokens, ...options } = request;
      const { signal } = options;
      const { pixelValues, shape } = await processor.processBatch(images, { signal });
      using sight = await model.see({ data: pixelValues, shape: isVideo ? [1, ...shape] : shape }, signal);
      const words = encode(prompt);
      const ids = [begin, ...words];
      return await writeText({
        ...{ ...options, prompt: ids, shown: showsPrompt ? words : [], tokenizer, byCheckpoint },
        steps: model.steps(sight),
        maxTokens: maxTokens ?? roomFor(name, ids.length, model.positions, newTokens(ids.length)),
        rules: { endIds, padId },
      });
    }

    async function choose(
      image: ImageValue,
      prompt: string,
      names: readonly string[],
      texts: readonly string[],
      signal?: AbortSignal,
    ) {
      const { pixelValues, shape } = await processor.processBatch([image], { signal });
      using sight = await model.see({ data: pixelValues, shape }, signal);
      return await likeliestText({
        ...{ names, subject: prompt === '' ? image.name : prompt, prompt: [begin, ...encode(prompt)], signal },
        texts: texts.map((text) => [...encode(text), ...endIds.slice(0, 1)]),
        steps: model.steps(sight),
      });
    }

    return {
      tasks: {
        'zero-shot-image-classification': ({ image, labels, template = '{}' }, { signal } = {}) =>
          choose(image, '', labels, promptsOf(name, labels, template), signal),
        'multiple-choice': ({ question, choices, ...seen }, { signal } = {}) =>
          choose(imageOf(name, seen), question, choices, choices, signal),
        async 'image-to-text'({ image, prompt = '', ...writing }, options) {
          const text = await write({ images: [image], prompt, showsPrompt: true, ...writing, ...options });
          return { kind: 'Caption', text };
        },
        async 'visual-question-answering'({ question, maxTokens, decoding, ...seen }, options) {
          const images = [imageOf(name, seen)];
          const asked = { images, prompt: question, showsPrompt: false, maxTokens, decoding };
          const text = await write({ ...asked, ...options });
          return { kind: 'Answer', text };
        },
        async 'video-to-text'({ frames, prompt = '', ...writing }, options) {
          const images = spread(frames, model.frames);
          const text = await write({ images, isVideo: true, prompt, showsPrompt: true, ...writing, ...options });
          return { kind: 'Caption', text };
        },
      },
      bytes: model.bytes,
      features: imageFeatures(model.vision, processor),
      release: () => model.release(),
    };
  },
};

/** Of more frames than the model knows places for, as many, evenly from the first to the last. */
function spread(frames: readonly ImageValue[], most: number): readonly ImageValue[] {
  if (frames.length <= most || most === 0) return frames;
  const step = most === 1 ? 0 : (frames.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => frames[Math.round(index * step)]!);
}
