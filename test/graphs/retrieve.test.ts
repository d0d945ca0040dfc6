import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

const scenes = exampleScenes();
const texts = scenes.map(({ captions }) => captions[0]!);

describe('graphs/retrieve.json', () => {
  it('finds a picture for each text as it is saved, and writes the table', async () => {
    const outputFolder = temporaryFolder();
    const result = await runGraph('retrieve', { outputFolder });
    expect(failuresOf(result)).toEqual([]);
    const scores = valuesOf(result, 'scores', 'Scores');
    const shows = (text: string, shape: string, colour: string) => {
      const best = scores.get(text)?.entries[0]?.label;
      const scene = scenes.find(({ file_name }) => file_name === best);
      return scene?.objects.some((object) => object.shape === shape && object.colour === colour);
    };
    expect(shows('a red ring', 'ring', 'red')).toBe(true);
    expect(shows('a pink square', 'square', 'pink')).toBe(true);
    expect(shows('a green triangle', 'triangle', 'green')).toBe(true);
    expect(shows('a purple heart', 'heart', 'purple')).toBe(true);
    const [table] = valuesOf(result, 'table', 'Table').values();
    expect(table?.rows).toHaveLength(4 * 3);
    const written = readFileSync(join(outputFolder, 'table.csv'), 'utf8').split('\r\n');
    expect(written[0]).toBe('query,rank,match,cosine');
    expect(written).toHaveLength(1 + 4 * 3 + 1);
  });

  it.each(['text-to-image', 'image-to-text'])('%s: finds the scene or its description first', async (direction) => {
    const result = await runGraph('retrieve', { set: { texts, direction, k: 1 } });
    expect(failuresOf(result)).toEqual([]);
    const scores = valuesOf(result, 'scores', 'Scores');
    const right = scenes.filter(({ file_name, captions }) => {
      const [query, match] = direction === 'text-to-image' ? [captions[0]!, file_name] : [file_name, captions[0]!];
      return scores.get(query)?.entries[0]?.label === match;
    });
    expect(scores.size).toBe(scenes.length);
    expect(right.length).toBeGreaterThanOrEqual(scenes.length - 1);
  });
});
