import { describe, expect, it } from 'vitest';
import { drawnRegions, openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const open = async (fixture: string, config?: Record<string, unknown>) =>
  openTasks(await taskFolder(fixture, { words: WORDS, ...(config === undefined ? {} : { alterations: { config } }) }));

const REGIONS = drawnRegions(5, 24);

describe('LXMERT', () => {
  it('answers from its list, for the regions it sees and where they lie', async () => {
    const { tasks, bytes } = await open('lxmert_pretraining');
    expect(bytes).toBeGreaterThan(1e5);
    const ask = tasks['visual-question-answering'];
    const { text, score, alternatives } = await ask({ regions: REGIONS, question: 'what dog sees' });
    expect(text).toMatch(/^LABEL_\d+$/);
    expect(alternatives).toHaveLength(5);
    expect(alternatives![0]).toEqual({ label: text, score });
    const moved = { ...REGIONS, boxes: REGIONS.boxes!.map((side) => side / 2) };
    const other = await ask({ regions: moved, question: 'what dog sees' });
    expect(other.score).not.toBeCloseTo(score!, 5);
  });

  it('names its answers as config.json does', async () => {
    const names = Object.fromEntries(Array.from({ length: 13 }, (_, id) => [id, `answer ${id}`]));
    const { tasks } = await open('lxmert_pretraining', { id2label: names });
    const { text } = await tasks['visual-question-answering']({ regions: REGIONS, question: 'what' });
    expect(text).toMatch(/^answer \d+$/);
  });

  it('fills masks, and tells which texts belong to the regions', async () => {
    const { tasks } = await open('lxmert_pretraining');
    const masks = await tasks['fill-mask']({ regions: REGIONS, text: 'a [MASK] sees the [MASK]' });
    expect(masks.map(({ entries }) => entries.length)).toEqual([120, 120]);
    const texts = ['a dog', 'the red cat sleeps'];
    const both = await tasks['image-text-matching']({ regions: REGIONS, texts });
    const alone = await tasks['image-text-matching']({ regions: REGIONS, texts: ['a dog'] });
    expect(both.entries.find(({ label }) => label === 'a dog')!.score).toBeCloseTo(alone.entries[0]!.score, 5);
  });

  it('has the tasks that the checkpoint has heads for', async () => {
    const { tasks } = await open('lxmert_few_heads');
    expect(Object.keys(tasks)).toEqual(['fill-mask', 'image-text-matching']);
  });

  it('refuses pictures, and regions without boxes', async () => {
    const { tasks } = await open('lxmert_pretraining');
    const ask = tasks['visual-question-answering'];
    await expect(ask({ image: drawnImage(1), question: 'what' })).rejects.toMatchObject({
      code: 'model/bad-input',
      details: { input: 'regions', received: 'pictures' },
    });
    await expect(ask({ regions: { features: REGIONS.features }, question: 'what' })).rejects.toMatchObject({
      details: { input: 'regions', received: 'no boxes' },
    });
  });
});
