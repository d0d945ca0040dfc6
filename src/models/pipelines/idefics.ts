/** Idefics as a family with a task. */
import { WeftError } from '../../errors.ts';
import { readCheckpointWriting } from '../decoding/checkpoint-decoding.ts';
import { writeText } from '../decoding/writer.ts';
import { idefics } from '../families/idefics.ts';
import { IdeficsModel, type Views } from '../families/idefics-model.ts';
import { aroundPictures, PICTURE } from './conversation.ts';
import type { FamilyDefinition } from './family.ts';
import { roomFor } from './room.ts';
import { imageFeatures } from './tower-features.ts';

/** Stands before and after a picture, once between two. */
const AROUND = '<fake_token_around_image>';

export const ideficsFamily: FamilyDefinition = {
  name: 'idefics',
  title: 'Idefics (open Flamingo)',
  paper: {
    title: 'OBELICS: An Open Web-Scale Filtered Dataset of Interleaved Image-Text Documents (2023)',
    url: 'https://arxiv.org/abs/2306.16527',
  },
  modelTypes: ['idefics'],
  architectures: { IdeficsForVisionText2Text: ['image-text-to-text'] },
  checkpoints: ['HuggingFaceM4/idefics-9b', 'HuggingFaceM4/idefics-9b-instruct'],
  graph: 'idefics-image-text-to-text',
  async load({ checkpoint, precision, signal, ...sources }) {
    const { config, folder, model: name } = checkpoint;
    const { endIds, padId = 0, newTokens, byCheckpoint } = await readCheckpointWriting(folder, config);
    const begin = config.id('bos_token_id', 1);
    const end = config.ids('eos_token_id');
    const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
    const [picture, around] = [PICTURE, AROUND].map((token) => idOf(name, token, tokenizer.idOf(token)));
    const model = await IdeficsModel.build(await idefics(checkpoint, 'last'), { precision, signal });
    const encode = (text: string) => tokenizer.encode(text, { specialTokens: false }).ids;
    return {
      tasks: {
        async 'image-text-to-text'({ images, prompt, maxTokens, decoding }, options = {}) {
          const texts = aroundPictures(name, prompt, images).map(encode);
          if (images.length === 0) {
            const expected = `at least one ${PICTURE}`;
            throw new WeftError('model/bad-input', { model: name, input: 'prompt', expected, received: 'none' });
          }
          const { pixelValues, shape } = await processor.processBatch(images, options);
          using sight = await model.see({ data: pixelValues, shape: [1, ...shape] }, options.signal);
          const ids = [begin, ...withPictures(texts, picture!, around!)];
          const text = await writeText({
            ...{ ...options, prompt: ids, tokenizer, decoding, byCheckpoint },
            steps: model.steps(sight, [latestPicture(ids, images.length, picture!, end)]),
            maxTokens: maxTokens ?? roomFor(name, ids.length, model.language.positions, newTokens(ids.length)),
            rules: { endIds, padId },
          });
          return { kind: 'Caption', text };
        },
      },
      bytes: model.bytes,
      features: imageFeatures(model.vision, processor),
      release: () => model.release(),
    };
  },
};

/** Texts with a picture between each two; pictures without text between them share the token around them. */
export function withPictures(texts: readonly (readonly number[])[], picture: number, around: number): number[] {
  const [first = [], ...others] = texts;
  const ids = [...first];
  for (const text of others) {
    if (ids.at(-1) !== around) ids.push(around);
    ids.push(picture, around, ...text);
  }
  return ids;
}

/** Each word sees the latest picture before it; after an end none, until the next. */
export function latestPicture(
  ids: readonly number[],
  pictures: number,
  picture: number,
  end: readonly number[],
): Views[number] {
  let latest = -1;
  let isOver = false;
  return ids.map((id) => {
    if (id === picture) {
      latest += 1;
      isOver = false;
    }
    const seen = isOver ? -1 : latest;
    isOver ||= end.includes(id);
    return Array.from({ length: pictures }, (_, index) => (index === seen ? 1 : 0));
  });
}

function idOf(model: string, token: string, id: number | undefined): number {
  if (id !== undefined) return id;
  const expected = `a token "${token}"`;
  throw new WeftError('model/bad-config', { model, file: 'tokenizer.json', expected, received: 'none' });
}
