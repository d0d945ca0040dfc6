/**
 * The ways to caption a picture that are compared: MaGiC, those that never look, and the best caption of a collection.
 * Must not score.
 */

import type { DecodingSettings } from '../../../src/models/decoding/settings.ts';
import { magicCaption } from '../../../src/models/free/magic-caption.ts';
import type { MagicRule } from '../../../src/models/free/magic-rule.ts';
import type { FamilyModel } from '../../../src/models/pipelines/family-loader.ts';
import type { ImageValue } from '../../../src/protocol/value.ts';

export interface CaptionModels {
  readonly language: FamilyModel;
  readonly comparison: FamilyModel;
}

/** One caption a picture, in order. */
export type CaptionWriter = (images: readonly ImageValue[]) => Promise<string[]>;

/** Most tokens of a caption, its start included. */
const MAX_TOKENS = 44;
const START = '<-start_of_text->';

export function magicWriter(models: CaptionModels, rule: MagicRule): CaptionWriter {
  return async (images) => {
    const captions: string[] = [];
    for (const image of images) {
      const { text } = await magicCaption(models, { image, maxTokens: MAX_TOKENS, ...rule });
      captions.push(text);
    }
    return captions;
  };
}

/** The language model alone: what does not draw from chance says the same of every picture, so it is written once. */
export function blindWriter({ language }: CaptionModels, decoding: DecodingSettings): CaptionWriter {
  const write = async (seed?: number): Promise<string> => {
    const settings = seed === undefined ? decoding : { ...decoding, seed };
    const request = { prompt: START, maxTokens: MAX_TOKENS - 1, decoding: settings };
    return (await language.tasks['text-generation']!(request)).text;
  };
  return async (images) => {
    if (decoding.strategy !== 'sample') {
      const text = await write();
      return images.map(() => text);
    }
    const captions: string[] = [];
    for (const seed of images.keys()) captions.push(await write(seed));
    return captions;
  };
}

/** CLIPRe: of all captions of a collection, the one whose embedding is nearest to the picture's. */
export function retrievalWriter({ comparison }: CaptionModels, collection: readonly string[]): CaptionWriter {
  return async (images) => {
    const texts = (await comparison.tasks['text-feature-extraction']!({ texts: collection })).map(unit);
    const pictures = (await comparison.tasks['image-feature-extraction']!({ images })).map(unit);
    return pictures.map((picture) => {
      let best = 0;
      let most = Number.NEGATIVE_INFINITY;
      for (const [index, text] of texts.entries()) {
        const cosine = dot(picture, text);
        if (cosine > most) [best, most] = [index, cosine];
      }
      return collection[best]!;
    });
  };
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / norm);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
