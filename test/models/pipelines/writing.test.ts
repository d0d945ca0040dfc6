import { describe, expect, it } from 'vitest';
import { latestPicture, withPictures } from '../../../src/models/pipelines/idefics.ts';
import { openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

/** Every id is a word, so that all that is written can be read. */
const words = (size: number) => {
  const used = new Set(Object.values(WORDS));
  const others = Array.from({ length: size }, (_, id) => id).filter((id) => !used.has(id));
  return { ...WORDS, ...Object.fromEntries(others.map((id) => [`w${id}`, id])) };
};
const square = (type: string, side: number) => ({ image_processor_type: type, size: { height: side, width: side } });
const open = async (fixture: string, size: number, processor = square('BlipImageProcessor', 16)) =>
  openTasks(await taskFolder(fixture, { words: words(size), processor }));
const heard = () => {
  const pieces: string[] = [];
  return { pieces, onText: (piece: string) => void pieces.push(piece) };
};

describe('language models', () => {
  it.each(['gpt2_unscaled', 'opt_350m', 'llama_scaled'])('%s goes on with a text', async (fixture) => {
    const { tasks, bytes, release } = await open(fixture, 60);
    const { pieces, onText } = heard();
    const { kind, text } = await tasks['text-generation']({ prompt: 'a red dog', maxTokens: 6 }, { onText });
    expect(kind).toBe('Caption');
    expect(text.length).toBeGreaterThan(0);
    expect(pieces.join('')).toBe(text);
    const short = await tasks['text-generation']({ prompt: 'a red dog', maxTokens: 2 });
    expect(text.startsWith(short.text)).toBe(true);
    const other = await tasks['text-generation']({ prompt: 'the cat sleeps', maxTokens: 6 });
    expect(other.text).not.toBe(text);
    expect(bytes).toBeGreaterThan(1000);
    release();
    await expect(tasks['text-generation']({ prompt: 'a' })).rejects.toMatchObject({ code: 'native/released' });
  });

  it('refuse a prompt that is too long, and stop when asked', async () => {
    const { tasks } = await open('opt_350m', 60);
    const prompt = 'a '.repeat(40);
    await expect(tasks['text-generation']({ prompt })).rejects.toMatchObject({ code: 'model/bad-input' });
    const signal = AbortSignal.abort();
    await expect(tasks['text-generation']({ prompt: 'a' }, { signal })).rejects.toMatchObject({
      code: 'run/cancelled',
    });
  });
});

describe('models that write about pictures', () => {
  it.each([
    ['blip_caption_options', 'image-to-text'],
    ['git_tied', 'image-to-text'],
    ['blip2_options', 'image-to-text'],
  ] as const)('%s begins its text with the prompt', async (fixture, task) => {
    const { tasks, bytes, release } = await open(fixture, 60);
    const { pieces, onText } = heard();
    const image = drawnImage(1);
    const { kind, text } = await tasks[task]({ image, prompt: 'a dog', maxTokens: 5 }, { onText });
    expect(kind).toBe('Caption');
    expect(text.startsWith('a dog')).toBe(true);
    expect(pieces.join('')).toBe(text);
    const free = await tasks[task]({ image });
    expect(free.text.startsWith('a dog')).toBe(false);
    expect(bytes).toBeGreaterThan(1000);
    release();
    await expect(tasks[task]({ image })).rejects.toMatchObject({ code: 'native/released' });
  });

  it.each(['blip_vqa_options', 'git_tied', 'blip2_options'])('%s answers without the question', async (fixture) => {
    const { tasks } = await open(fixture, 60);
    const ask = (question: string) =>
      tasks['visual-question-answering']({ image: drawnImage(2), question, maxTokens: 5 });
    const { kind, text } = await ask('what dog sees the red cat');
    expect(kind).toBe('Answer');
    expect(text).not.toMatch(/what dog/);
    const { regions, question } = {
      regions: { features: { kind: 'Features', data: new Float32Array(4), seq: 1, dim: 4 } },
      question: 'a',
    } as const;
    await expect(tasks['visual-question-answering']({ regions, question })).rejects.toMatchObject({
      code: 'model/bad-input',
    });
  });

  it('tells about a video by frames of all of it, and not where it knows pictures only', async () => {
    const { tasks } = await open('git_frames', 60);
    const frames = [1, 2, 3, 4, 5].map((seed) => drawnImage(seed));
    const { text } = await tasks['video-to-text']({ frames, maxTokens: 6 });
    const ends = await tasks['video-to-text']({ frames: [frames[0]!, frames[4]!], maxTokens: 6 });
    expect(text).toBe(ends.text);
    const still = await open('git_tied', 60);
    await expect(still.tasks['video-to-text']({ frames })).rejects.toMatchObject({ code: 'model/bad-input' });
  });
});

describe('models that talk over pictures', () => {
  const talk = {
    idefics_tied: { '<image>': 60, '<fake_token_around_image>': 61 },
    idefics_plain: { '<image>': 58, '<fake_token_around_image>': 59 },
    llava: {},
  } as const;
  const openTalk = async (fixture: keyof typeof talk) => {
    const added = talk[fixture] as Record<string, number>;
    const taken = new Set(Object.values(added));
    const others = Object.entries(words(60)).filter(([, id]) => !taken.has(id));
    const processor =
      fixture === 'llava'
        ? square('BlipImageProcessor', 16)
        : { image_processor_type: 'IdeficsImageProcessor', image_size: 16 };
    return openTasks(await taskFolder(fixture, { words: { ...Object.fromEntries(others), ...added }, processor }));
  };

  it.each(['idefics_tied', 'idefics_plain', 'llava'] as const)('%s goes on with a prompt', async (fixture) => {
    const { tasks, bytes, release } = await openTalk(fixture);
    const { pieces, onText } = heard();
    const images = fixture === 'idefics_tied' ? [drawnImage(1)] : [drawnImage(1), drawnImage(2)];
    const prompt = fixture === 'idefics_tied' ? 'a <image> what' : 'a <image> dog <image> what sees';
    const { kind, text } = await tasks['image-text-to-text']({ images, prompt, maxTokens: 6 }, { onText });
    expect(kind).toBe('Caption');
    expect(text.length).toBeGreaterThan(0);
    expect(pieces.join('')).toBe(text);
    const texts = new Set([text]);
    for (const seed of [3, 5, 7, 9, 11, 13, 15, 17]) {
      const others = images.map((_, index) => drawnImage(seed + index));
      texts.add((await tasks['image-text-to-text']({ images: others, prompt, maxTokens: 6 })).text);
    }
    expect(texts.size).toBeGreaterThan(1);
    await expect(tasks['image-text-to-text']({ images: [], prompt })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('one for each <image> of the prompt'),
    });
    expect(bytes).toBeGreaterThan(1000);
    release();
  });

  it('LLaVA talks without pictures too, Idefics does not', async () => {
    const request = { images: [], prompt: 'a dog sees', maxTokens: 4 };
    expect((await (await openTalk('llava')).tasks['image-text-to-text'](request)).text.length).toBeGreaterThan(0);
    await expect((await openTalk('idefics_plain')).tasks['image-text-to-text'](request)).rejects.toMatchObject({
      code: 'model/bad-input',
    });
  });

  it('Idefics needs a token for pictures', async () => {
    const folder = await taskFolder('idefics_plain', { words: words(58), processor: square('BlipImageProcessor', 16) });
    await expect(openTasks(folder)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('a token "<image>"'),
    });
  });

  it('puts tokens around pictures, one between two, and lets words see the latest', () => {
    const ids = withPictures([[5], [], [6, 2, 7], [8]], 60, 61);
    expect(ids).toEqual([5, 61, 60, 61, 60, 61, 6, 2, 7, 61, 60, 61, 8]);
    const seen = latestPicture(ids, 3, 60, [2]).map((word) => word.indexOf(1));
    expect(seen).toEqual([-1, -1, 0, 0, 1, 1, 1, 1, -1, -1, 2, 2, 2]);
  });
});

describe('models that tell how well texts fit', () => {
  it.each([
    ['blip_retrieval', 120, 32],
    ['blip2_itm_options', 60, 16],
  ] as const)('%s', async (fixture, size, side) => {
    const { tasks, release } = await open(fixture, size, square('BlipImageProcessor', side));
    const texts = ['a red dog', 'the cat sleeps', 'a dog sees the red cat'];
    const image = drawnImage(3);
    const { entries, normalized, subject } = await tasks['image-text-matching']({ image, texts });
    expect(normalized).toBe(true);
    expect(subject).toBe('picture-3.png');
    expect(entries.map(({ label }) => label).toSorted()).toEqual(texts.toSorted());
    for (const { label, score } of entries) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      const alone = await tasks['image-text-matching']({ image, texts: [label] });
      expect(alone.entries[0]!.score).toBeCloseTo(score, 4);
    }
    release();
  });

  it('BLIP gives embeddings of pictures and texts, whatever stands beside them', async () => {
    const { tasks, embedding } = await open('blip_retrieval', 120, square('BlipImageProcessor', 32));
    const images = Array.from({ length: 18 }, (_, seed) => drawnImage(seed));
    const rows = await tasks['image-feature-extraction']({ images });
    expect(rows.map(({ length }) => length)).toEqual(images.map(() => embedding!.dim));
    const [alone] = await tasks['image-feature-extraction']({ images: [images[17]!] });
    for (const [index, value] of alone!.entries()) expect(rows[17]![index]).toBeCloseTo(value, 4);
    const [long, short] = await tasks['text-feature-extraction']({ texts: ['a red dog sees', 'cat'] });
    const [one] = await tasks['text-feature-extraction']({ texts: ['cat'] });
    for (const [index, value] of one!.entries()) expect(short![index]).toBeCloseTo(value, 4);
    expect([...long!]).not.toEqual([...short!]);
  });
});
