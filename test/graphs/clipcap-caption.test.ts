import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { FIXTURES } from '../models/families/parity-fixture.ts';
import { writeTinyCheckpoint } from '../models/tiny-checkpoint.ts';
import { failuresOf, runGraph, valuesOf } from './run-graph.ts';

const FIXTURE = 'clipcap_transformer';
/** Width of the zoo's embeddings. */
const VISUAL = 256;

describe('graphs/clipcap-caption.json', () => {
  it('captions real pictures with a small mapper and language model, behind the zoo CLIP', async () => {
    const bases = [temporaryFolder()];
    const { text_config, clip_length } = JSON.parse(await readFile(join(FIXTURES, FIXTURE, 'config.json'), 'utf8'));
    await writeTinyCheckpoint(join(bases[0]!, 'clipcap'), {
      fixture: FIXTURE,
      config: text_config,
      tokenizer: 'gpt2',
      weights: { 'clip_project.linear.weight': [clip_length * text_config.n_embd, VISUAL] },
    });
    const captionOf = async (image: string) => {
      const result = await runGraph('clipcap-caption', { bases, set: { clip: 'zoo/clip-shapes', image } });
      expect(failuresOf(result)).toEqual([]);
      return [...valuesOf(result, 'caption', 'Caption').values()].map(({ text }) => text);
    };
    const [first, second] = [await captionOf('examples/scene-1.png'), await captionOf('examples/scene-4.png')];
    expect(first).toHaveLength(1);
    expect(first[0]!.length).toBeGreaterThan(0);
    expect(second).not.toEqual(first);
  });
});
