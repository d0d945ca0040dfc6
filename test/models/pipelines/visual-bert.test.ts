import { describe, expect, it } from 'vitest';
import { drawnRegions, drawnTensor, openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const open = async (fixture: string, alterations?: Parameters<typeof taskFolder>[1]['alterations']) =>
  openTasks(await taskFolder(fixture, { words: WORDS, ...(alterations === undefined ? {} : { alterations }) }));

/** Pretraining's checkpoint with a classifier of so many classes. */
const classifier = (architecture: string, classes: number, config = {}) =>
  open('visual_bert_pretraining', {
    config: { architectures: [architecture], ...config },
    rename: (name) => (name.startsWith('cls.') ? undefined : name),
    add: { 'cls.weight': drawnTensor([classes, 32], 1), 'cls.bias': drawnTensor([classes], 2) },
  });

const REGIONS = drawnRegions(5, 24);

describe('VisualBERT', () => {
  it('answers from its list for the regions it sees', async () => {
    const { tasks, bytes, release } = await open('visual_bert_options');
    expect(bytes).toBeGreaterThan(1e4);
    const ask = tasks['visual-question-answering'];
    const { text, score, alternatives } = await ask({ regions: drawnRegions(5, 10), question: 'what dog sees' });
    expect(alternatives).toHaveLength(3);
    expect(alternatives![0]).toEqual({ label: text, score });
    expect(alternatives!.reduce((sum, one) => sum + one.score, 0)).toBeCloseTo(1, 5);
    const other = await ask({ regions: drawnRegions(5, 10, 9), question: 'what dog sees' });
    expect(other.score).not.toBeCloseTo(score!, 5);
    release();
  });

  it('names the truth of a statement where config.json does not', async () => {
    const { tasks } = await classifier('VisualBertForVisualReasoning', 2);
    const { entries } = await tasks['visual-reasoning']({ regions: REGIONS, text: 'a dog sleeps' });
    expect(entries.map(({ label }) => label).toSorted()).toEqual(['False', 'True']);
    const named = await classifier('VisualBertForVisualReasoning', 2, { id2label: { 0: 'wrong', 1: 'right' } });
    const scores = await named.tasks['visual-reasoning']({ regions: REGIONS, text: 'a dog sleeps' });
    expect(scores.entries.map(({ label }) => label).toSorted()).toEqual(['right', 'wrong']);
    const images = [drawnImage(1), drawnImage(2)];
    await expect(tasks['visual-reasoning']({ images, text: 'a dog' })).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { input: 'regions', received: 'pictures' },
    });
  });

  it('chooses among choices of different lengths, whatever their order', async () => {
    const { tasks } = await classifier('VisualBertForMultipleChoice', 1);
    const choices = ['a dog', 'the red cat sleeps', 'what'];
    const choose = (list: string[]) =>
      tasks['multiple-choice']({ regions: REGIONS, question: 'what sees the cat', choices: list });
    const first = await choose(choices);
    expect(first.entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    const turned = await choose(choices.toReversed());
    expect(turned.entries.map(({ label }) => label)).toEqual(first.entries.map(({ label }) => label));
    for (const [place, { score }] of first.entries.entries())
      expect(turned.entries[place]!.score).toBeCloseTo(score, 4);
    await expect(choose([new Array(20).fill('dog').join(' ')])).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('pairs of at most 20 tokens'),
    });
  });

  it('grounds phrases at the regions they mean', async () => {
    const { tasks } = await open('visual_bert_phrase');
    const ground = (phrases: string[]) =>
      tasks['phrase-grounding']({ regions: REGIONS, text: 'a red dog sees the cat', phrases });
    const { entries } = await ground(['red dog', 'the cat']);
    expect(entries).toHaveLength(2);
    for (const { label, score } of entries) {
      expect(label).toMatch(/^(red dog|the cat): region [1-5]$/);
      expect(score).toBeGreaterThanOrEqual(1 / 5);
    }
    await expect(ground(['dog red'])).rejects.toMatchObject({
      code: 'model/bad-input',
      message: expect.stringContaining('parts of the text, word by word, for its input "phrases", received "dog red"'),
    });
    await expect(ground([])).rejects.toMatchObject({ details: { input: 'phrases', received: 'none' } });
  });

  it('fills masks, and tells which texts belong to the regions', async () => {
    const { tasks } = await open('visual_bert_pretraining');
    const masks = await tasks['fill-mask']({ regions: REGIONS, text: 'a [MASK] sees the [MASK]' });
    expect(masks.map(({ entries }) => entries.length)).toEqual([120, 120]);
    const texts = ['a dog', 'the red cat sleeps'];
    const both = await tasks['image-text-matching']({ regions: REGIONS, texts });
    const alone = await tasks['image-text-matching']({ regions: REGIONS, texts: ['a dog'] });
    expect(both.entries.find(({ label }) => label === 'a dog')!.score).toBeCloseTo(alone.entries[0]!.score, 5);
  });

  it('refuses pictures and features of another width, and says what is expected', async () => {
    const { tasks } = await open('visual_bert_pretraining');
    const fill = tasks['fill-mask'];
    await expect(fill({ image: drawnImage(1), text: 'a [MASK]' })).rejects.toMatchObject({
      message:
        'Model "test/model" expects features of regions, from a detector or a file, for its input "regions", received pictures.',
    });
    await expect(fill({ regions: drawnRegions(2, 10), text: 'a [MASK]' })).rejects.toMatchObject({
      message: expect.stringContaining('features [regions x 24] for its input "regions", received [2 x 10]'),
    });
    const cut = { ...REGIONS, boxes: new Float32Array(7) };
    await expect(fill({ regions: cut, text: 'a [MASK]' })).rejects.toMatchObject({
      details: { received: '7 numbers' },
    });
    await expect(fill({ text: 'a [MASK]' })).rejects.toMatchObject({ details: { received: 'none' } });
  });
});
