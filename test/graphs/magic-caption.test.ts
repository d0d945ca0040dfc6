import { describe, expect, it } from 'vitest';
import { readDecodingTrace } from '../../src/protocol/decoding-trace.ts';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

const scenes = exampleScenes();
/** Every colour that a caption names beside a shape. */
const PAIRS =
  /\b(red|green|blue|yellow|purple|pink|orange|black|white) (ring|circle|square|triangle|star|heart|arrow|diamond|cross)\b/g;

describe('graphs/magic-caption.json', () => {
  it('captions pictures with a language model that has never seen one, and tells why', {
    timeout: 120_000,
  }, async () => {
    const result = await runGraph('magic-caption', { set: { image: 'examples/*.png' } });
    expect(failuresOf(result)).toEqual([]);
    const captions = valuesOf(result, 'caption', 'Caption');
    expect(captions.size).toBe(scenes.length);
    const traces = valuesOf(result, 'trace', 'Table');
    let [named, right] = [0, 0];
    for (const { file_name: name, objects } of scenes) {
      const { text } = captions.get(name)!;
      for (const [, colour, shape] of text.matchAll(PAIRS)) {
        named += 1;
        right += Number(objects.some((object) => object.colour === colour && object.shape === shape));
      }
      const { steps } = readDecodingTrace(traces.get(name)!)!;
      const words = steps.map(({ candidates }) => candidates.find(({ chosen }) => chosen)!.text).join('');
      expect(words.replace('<|endoftext|>', '').trim()).toBe(text);
    }
    expect(named).toBeGreaterThanOrEqual(scenes.length);
    expect(right / named).toBeGreaterThan(0.7);
  });

  it('writes the same as the published procedure', async () => {
    const [fast, reference] = await Promise.all(
      ['fast', 'reference'].map(async (mode) => {
        const result = await runGraph('magic-caption', { set: { mode }, outputs: ['caption'] });
        return valuesOf(result, 'caption', 'Caption').get('scene-1.png')!.text;
      }),
    );
    expect(fast).toMatch(/red ring/);
    expect(reference).toBe(fast);
  });
});
