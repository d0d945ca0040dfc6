import { describe, expect, it } from 'vitest';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

const scenes = exampleScenes();

describe('graphs/magic-story.json', () => {
  it('tells a story about the picture that a title finds', { timeout: 60_000 }, async () => {
    const result = await runGraph('magic-story', { set: { maxTokens: 20 } });
    expect(failuresOf(result)).toEqual([]);
    const pictures = [...valuesOf(result, 'picture', 'Scores').values()];
    for (const { subject, entries } of pictures) {
      const [, colour, shape] = subject!.split(' ');
      const scene = scenes.find(({ file_name: name }) => name === entries[0]!.label);
      expect(scene?.objects.some((object) => object.colour === colour && object.shape === shape)).toBe(true);
    }
    const stories = [...valuesOf(result, 'story', 'Caption').values()].map(({ text }) => text);
    expect(stories).toHaveLength(2);
    expect(stories.every((story) => story.length > 0)).toBe(true);
    expect(stories[1]).not.toBe(stories[0]);
  });
});
