import { expect, it } from 'vitest';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

it('graphs/caption-retrieval.json captions pictures with sentences about their like', async () => {
  const result = await runGraph('caption-retrieval', { set: { image: 'examples/scene-*.png' } });
  expect(failuresOf(result)).toEqual([]);
  const captions = valuesOf(result, 'caption', 'Caption');
  const scores = valuesOf(result, 'scores', 'Scores');
  let right = 0;
  for (const { file_name, objects } of exampleScenes()) {
    const { text } = captions.get(file_name)!;
    expect(scores.get(file_name)?.entries[0]?.label).toBe(text);
    if (objects.some(({ shape }) => text.includes(shape))) right += 1;
  }
  // The collection does not have a sentence for every scene.
  expect(right).toBeGreaterThanOrEqual(7);
});
