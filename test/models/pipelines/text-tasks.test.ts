import { describe, expect, it } from 'vitest';
import { openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const SPECIAL = { ...WORDS, '[CLS]': 2, '[SEP]': 3, '[UNK]': 1 };

describe('a classifier of texts', () => {
  it.each(['distilbert_sst2', 'bert_sst2'])('%s ranks all its classes, which compete', async (fixture) => {
    const { tasks, bytes, release } = await openTasks(await taskFolder(fixture, { words: SPECIAL }));
    const { entries, normalized } = await tasks['text-classification']({ text: 'the red dog sees a cat' });
    expect(entries.map(({ label }) => label).sort()).toEqual(['NEGATIVE', 'POSITIVE']);
    expect(entries[0]!.score + entries[1]!.score).toBeCloseTo(1, 5);
    expect(entries[0]!.score).toBeGreaterThanOrEqual(entries[1]!.score);
    expect(normalized).toBe(true);
    const other = await tasks['text-classification']({ text: 'the the the' });
    expect(other.entries).not.toEqual(entries);
    expect(bytes).toBeGreaterThan(1000);
    release();
    await expect(tasks['text-classification']({ text: 'a' })).rejects.toMatchObject({ code: 'native/released' });
  });

  it('cuts what is longer than it reads', async () => {
    const { tasks } = await openTasks(await taskFolder('distilbert_sst2', { words: SPECIAL }));
    const { entries } = await tasks['text-classification']({ text: 'dog '.repeat(100) });
    expect(entries).toHaveLength(2);
  });
});

describe('a masked language model', () => {
  it.each(['bert_masked', 'distilbert_masked'])('%s ranks tokens for every mask', async (fixture) => {
    const { tasks } = await openTasks(await taskFolder(fixture, { words: SPECIAL }));
    const found = await tasks['fill-mask']({ text: 'the [MASK] sees a [MASK]' });
    expect(found).toHaveLength(2);
    for (const { entries } of found) {
      expect(entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 4);
      expect(entries[0]!.score).toBeGreaterThan(entries[1]!.score);
    }
    expect(found[0]!.entries).not.toEqual(found[1]!.entries);
  });

  it('refuses texts without a mask, and pictures', async () => {
    const { tasks } = await openTasks(await taskFolder('bert_masked', { words: SPECIAL }));
    await expect(tasks['fill-mask']({ text: 'a dog' })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('[MASK]'),
    });
    await expect(tasks['fill-mask']({ text: 'a [MASK]', image: drawnImage(1) })).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('no picture'),
    });
  });
});
