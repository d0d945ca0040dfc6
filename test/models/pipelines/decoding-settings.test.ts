import { describe, expect, it } from 'vitest';
import type { DecodingSettings } from '../../../src/models/decoding/settings.ts';
import { openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const SIZE = 60;
const taken = new Set(Object.values(WORDS));
const others = Array.from({ length: SIZE }, (_, id) => id).filter((id) => !taken.has(id));
/** Every id is a word, so that all that is written can be read. */
const words = { ...WORDS, ...Object.fromEntries(others.map((id) => [`w${id}`, id])) };
const processor = { image_processor_type: 'BlipImageProcessor', size: { height: 16, width: 16 } };
const open = async (fixture: string) => openTasks(await taskFolder(fixture, { words, processor }));
const image = drawnImage(1);

describe('families that write honour settings', () => {
  it.each(['blip_caption_options', 'git_tied', 'blip2_options'])('%s', async (fixture) => {
    const { tasks, release } = await open(fixture);
    const write = async (decoding?: DecodingSettings) =>
      (await tasks['image-to-text']({ image, maxTokens: 8, ...(decoding && { decoding }) })).text;
    const greedy = await write({ strategy: 'greedy' });
    expect(await write({ strategy: 'beam', beams: 1 })).toBe(greedy);
    expect(await write({ strategy: 'contrastive', topK: 4, penaltyAlpha: 0 })).toBe(greedy);
    expect(await write({ strategy: 'sample', topK: 1, seed: 5 })).toBe(greedy);
    const drawn = await Promise.all([1, 2, 3, 4].map((seed) => write({ strategy: 'sample', temperature: 3, seed })));
    expect(new Set(drawn).size).toBeGreaterThan(1);
    expect(await write({ strategy: 'sample', temperature: 3, seed: 1 })).toBe(drawn[0]);
    const [first, second] = greedy.split(' ');
    expect(await write({ strategy: 'greedy', stop: [` ${second}`] })).toBe(first);
    await expect(write({ strategy: 'greedy', beams: 2 })).rejects.toMatchObject({ code: 'run/bad-parameter' });
    release();
  });

  it('show a draft of beams and give pieces of what stays', async () => {
    const { tasks, release } = await open('git_tied');
    const pieces: string[] = [];
    const drafts: string[] = [];
    const options = { onText: (piece: string) => pieces.push(piece), onDraft: (text: string) => drafts.push(text) };
    const { text } = await tasks['image-to-text']({ image, maxTokens: 8, decoding: { beams: 4 } }, options);
    expect(pieces.join('')).toBe(text);
    expect(drafts.length).toBeGreaterThan(0);
    release();
  });

  it('keep what was written when they are cancelled', async () => {
    const { tasks, release } = await open('git_tied');
    const stop = new AbortController();
    let text = '';
    const onText = (piece: string): void => {
      text += piece;
      stop.abort();
    };
    const cut = tasks['image-to-text']({ image, maxTokens: 8 }, { onText, signal: stop.signal });
    await expect(cut).rejects.toMatchObject({ code: 'run/cancelled', details: { isPartial: true } });
    await cut.catch(({ details }: { details: { text: string } }) => expect(details.text).toBe(text));
    release();
  });

  it('refuse what is no setting', async () => {
    const { tasks, release } = await open('git_tied');
    const write = (decoding: unknown) => tasks['image-to-text']({ image, decoding: decoding as DecodingSettings });
    await expect(write({ beam: 3 })).rejects.toMatchObject({ code: 'run/bad-parameter' });
    release();
  });
});

describe('choices by likelihood', () => {
  const choices = ['red dog', 'cat', 'what', ...others.slice(0, 18).map((id) => `dog w${id}`)];

  it.each(['blip_vqa_options', 'git_tied', 'blip2_options'])('%s ranks answers', async (fixture) => {
    const { tasks, release } = await open(fixture);
    const choose = async (some: readonly string[]) => {
      const given = await tasks['multiple-choice']({ image, question: 'what sees the cat', choices: some });
      return new Map(given.entries.map(({ label, score }) => [label, score]));
    };
    const all = await choose(choices);
    expect([...all.values()].reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
    // Whoever else is in the list, and however many are read at once: two choices compare alike.
    const few = await choose([choices[0]!, choices[20]!]);
    const ratio = (scores: typeof all) => Math.log(scores.get(choices[0]!)! / scores.get(choices[20]!)!);
    expect(ratio(all)).toBeCloseTo(ratio(few), 3);
    release();
  });

  it.each(['blip_caption_options', 'git_tied'])('%s classifies by captions', async (fixture) => {
    const { tasks, release } = await open(fixture);
    const given = await tasks['zero-shot-image-classification']({ image, labels: ['dog', 'cat', 'red dog'] });
    expect(given.entries.map(({ label }) => label).sort()).toEqual(['cat', 'dog', 'red dog']);
    expect(given.normalized).toBe(true);
    release();
  });
});
