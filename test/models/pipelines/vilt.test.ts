import { describe, expect, it } from 'vitest';
import { cosine } from '../cosine.ts';
import { drawnRegions, drawnTensor, openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

/** Pictures of several sizes come to a canvas, as the published processors bring them. */
const PROCESSOR = { image_processor_type: 'ViltImageProcessor', size: { shortest_edge: 24 }, size_divisor: 8 };
const WIDTH = 32;

const maskFolder = () => taskFolder('vilt_mlm', { words: WORDS, processor: PROCESSOR });

/** The masked language model with another head. */
const otherHead = (architecture: string, add: Record<string, ReturnType<typeof drawnTensor>>, config = {}) =>
  taskFolder('vilt_mlm', {
    words: WORDS,
    processor: PROCESSOR,
    alterations: {
      config: { architectures: [architecture], ...config },
      rename: (name) => (name.startsWith('mlm_score') ? undefined : name),
      add,
    },
  });

const answerFolder = () =>
  otherHead(
    'ViltForQuestionAnswering',
    {
      'classifier.0.weight': drawnTensor([2 * WIDTH, WIDTH], 1),
      'classifier.0.bias': drawnTensor([2 * WIDTH], 2),
      'classifier.1.weight': drawnTensor([2 * WIDTH], 3),
      'classifier.1.bias': drawnTensor([2 * WIDTH], 4),
      'classifier.3.weight': drawnTensor([3, 2 * WIDTH], 5),
      'classifier.3.bias': drawnTensor([3], 6),
    },
    { id2label: { 0: 'yes', 1: 'no', 2: 'two' } },
  );

const matchFolder = () =>
  otherHead('ViltForImageAndTextRetrieval', {
    'rank_output.weight': drawnTensor([1, WIDTH], 7),
    'rank_output.bias': drawnTensor([1], 8),
  });

describe('ViLT', () => {
  it('fills masks with words of the vocabulary, for the picture it sees', async () => {
    const { tasks } = await openTasks(await maskFolder());
    const text = 'a [MASK] dog sees the [MASK]';
    const masks = await tasks['fill-mask']({ image: drawnImage(1), text });
    expect(masks).toHaveLength(2);
    for (const { entries, normalized } of masks) {
      expect(normalized).toBe(true);
      expect(entries).toHaveLength(120);
      expect(entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 4);
      expect(entries.map(({ score }) => score)).toEqual(entries.map(({ score }) => score).toSorted((a, b) => b - a));
    }
    expect(masks[0]!.entries.map(({ label }) => label)).toContain('sleeps');
    const other = await tasks['fill-mask']({ image: drawnImage(2), text });
    expect(other[0]!.entries[0]!.score).not.toBeCloseTo(masks[0]!.entries[0]!.score, 5);
  });

  it('answers from its list, each answer with a probability of its own', async () => {
    const { tasks, bytes, release } = await openTasks(await answerFolder());
    expect(bytes).toBeGreaterThan(1e4);
    const image = drawnImage(3, 50, 30);
    const { kind, text, score, alternatives } = await tasks['visual-question-answering']({
      image,
      question: 'what dog',
    });
    expect(kind).toBe('Answer');
    expect(alternatives).toHaveLength(3);
    expect(alternatives![0]).toEqual({ label: text, score });
    expect(alternatives!.map(({ label }) => label).toSorted()).toEqual(['no', 'two', 'yes']);
    for (const one of alternatives!) expect(one.score).toBeGreaterThan(0);
    release();
    await expect(tasks['visual-question-answering']({ image, question: 'what' })).rejects.toMatchObject({
      code: 'native/released',
    });
  });

  it('gives the same scores in lower precisions, nearly', async () => {
    const folder = await answerFolder();
    const ask = async (precision: 'fp32' | 'bf16' | 'int8') => {
      const { tasks } = await openTasks(folder, precision);
      const { alternatives } = await tasks['visual-question-answering']({ image: drawnImage(3), question: 'what dog' });
      return Float32Array.from(
        alternatives!.toSorted((a, b) => a.label.localeCompare(b.label)),
        ({ score }) => score,
      );
    };
    const reference = await ask('fp32');
    expect(cosine(reference, await ask('bf16'))).toBeGreaterThan(0.999);
    expect(cosine(reference, await ask('int8'))).toBeGreaterThan(0.98);
  });

  it('scores each text for itself, whatever stands beside it', async () => {
    const { tasks } = await openTasks(await matchFolder());
    const image = drawnImage(4);
    const texts = ['a dog', 'the red cat sleeps', 'what', ...Array.from({ length: 16 }, () => 'the dog sees a cat')];
    const all = await tasks['image-text-matching']({ image, texts });
    expect(all).toMatchObject({ kind: 'Scores', normalized: true, subject: 'picture-4.png' });
    expect(all.entries).toHaveLength(texts.length);
    for (const text of texts.slice(0, 4)) {
      const alone = await tasks['image-text-matching']({ image, texts: [text] });
      const { score } = all.entries.find(({ label }) => label === text)!;
      expect(alone.entries[0]!.score).toBeCloseTo(score, 5);
    }
    expect(all.entries[0]!.score).toBeGreaterThan(all.entries.at(-1)!.score);
  });

  it('reasons about as many pictures as it was made for, of any sizes, in their order', async () => {
    const folder = await taskFolder('vilt_three_pictures', {
      words: WORDS,
      processor: { ...PROCESSOR, size: { shortest_edge: 18 }, size_divisor: 6 },
      alterations: { config: { id2label: { 0: 'no', 1: 'yes', 2: 'unknown' } } },
    });
    const { tasks } = await openTasks(folder);
    const images = [drawnImage(1, 40, 20), drawnImage(2, 20, 30), drawnImage(3, 24, 24)];
    const text = 'a dog sees the cat';
    const scores = await tasks['visual-reasoning']({ images, text });
    expect(scores.entries.map(({ label }) => label).toSorted()).toEqual(['no', 'unknown', 'yes']);
    expect(scores.entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    const turned = await tasks['visual-reasoning']({ images: images.toReversed(), text });
    expect(turned.entries[0]!.score).not.toBeCloseTo(scores.entries[0]!.score, 5);
    await expect(tasks['visual-reasoning']({ images: images.slice(1), text })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: 'Model "test/model" expects 3 pictures for its input "images", received 2.',
    });
    await expect(tasks['visual-reasoning']({ regions: drawnRegions(2, 4), text })).rejects.toMatchObject({
      details: { received: 'regions' },
    });
  });

  it('refuses regions, texts without a mask, and no picture', async () => {
    const { tasks } = await openTasks(await maskFolder());
    const fill = tasks['fill-mask'];
    await expect(fill({ image: drawnImage(1), text: 'a dog' })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('at least one [MASK]'),
    });
    await expect(fill({ text: 'a [MASK]' })).rejects.toMatchObject({ details: { input: 'image', received: 'none' } });
    await expect(fill({ regions: drawnRegions(2, 4), text: 'a [MASK]' })).rejects.toMatchObject({
      details: { input: 'image', received: 'regions' },
    });
  });

  it('stops when aborted', async () => {
    const { tasks } = await openTasks(await maskFolder());
    const running = tasks['fill-mask']({ image: drawnImage(1), text: 'a [MASK]' }, { signal: AbortSignal.abort() });
    await expect(running).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});
