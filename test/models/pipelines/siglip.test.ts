import { describe, expect, it } from 'vitest';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import { siglipText } from '../../../src/models/pipelines/siglip.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { cosine } from '../cosine.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const WORDS = {
  '[PAD]': 0,
  '[UNK]': 1,
  '[CLS]': 2,
  '[SEP]': 3,
  red: 10,
  blue: 11,
  circle: 12,
  this: 13,
  is: 14,
  a: 15,
};
const PROCESSOR = { image_processor_type: 'SiglipImageProcessor', size: { height: 30, width: 30 } };

async function open(settings: Readonly<Record<string, unknown>>) {
  const folder = await taskFolder('siglip_options', { words: WORDS, processor: PROCESSOR, settings });
  const { loaded } = await openFamily(folder, { model: 'test/siglip' });
  return { ...loaded, tasks: loaded.tasks as Required<Tasks> };
}

describe('texts for SigLIP', () => {
  it('are lower-cased unless the tokenizer says otherwise', () => {
    expect(siglipText({ className: 'GemmaTokenizer', lowerCases: undefined })('A Cat, "here"!')).toBe('a cat, "here"!');
    expect(siglipText({ className: undefined, lowerCases: false })('A Cat.')).toBe('A Cat.');
  });

  it('lose punctuation and double spaces with its own tokenizer', () => {
    const own = { className: 'SiglipTokenizer', lowerCases: true };
    expect(siglipText(own)('  A photo\tof a "Cat"-_`[x]{y}~|; ok?\n ')).toBe('a photo of a catxy ok');
    expect(siglipText({ ...own, lowerCases: false })('Über-Größe: 5.')).toBe('ÜberGröße 5');
  });
});

describe('SigLIP’s tasks', () => {
  it('judge every label alone, by a sigmoid', async () => {
    const { tasks, embedding } = await open({ model_max_length: 9, tokenizer_class: 'SiglipTokenizer' });
    const image = drawnImage(3);
    const labels = ['red', 'blue circle', 'circle'];
    const [picture] = await tasks['image-feature-extraction']({ images: [image] });
    const texts = await tasks['text-feature-extraction']({ texts: labels });
    const { entries } = await tasks['zero-shot-image-classification']({ image, labels, template: '{}!' });
    for (const { label, score } of entries) {
      const logit = embedding!.logitScale! * cosine(picture!, texts[labels.indexOf(label)]!) + 0.7;
      expect(score).toBeCloseTo(1 / (1 + Math.exp(-logit)), 5);
    }
    const alone = await tasks['zero-shot-image-classification']({ image, labels: ['circle'], template: '{}' });
    expect(alone.entries[0]!.score).toBeCloseTo(entries.find(({ label }) => label === 'circle')!.score, 5);
  });

  it('fill texts to the tokenizer’s length, and the tower sees the padding', async () => {
    const [nine, twelve] = [await open({ model_max_length: 9 }), await open({})];
    const embed = async ({ tasks }: typeof nine, text: string) =>
      (await tasks['text-feature-extraction']({ texts: [text] }))[0]!;
    expect(cosine(await embed(nine, 'RED circle'), await embed(nine, 'red Circle'))).toBeCloseTo(1, 6);
    expect(cosine(await embed(nine, 'red circle'), await embed(twelve, 'red circle'))).toBeLessThan(0.9999);
  });
});
