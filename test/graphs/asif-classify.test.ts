import { describe, expect, it } from 'vitest';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

describe('graphs/asif-classify.json', () => {
  it('names what is on the picture by its anchors, and shows them', async () => {
    const result = await runGraph('asif-classify');
    expect(failuresOf(result)).toEqual([]);
    const scores = valuesOf(result, 'scores', 'Scores').get('scene-1.png');
    expect(scores?.entries[0]?.label).toBe('a red ring');
    const explanation = [...valuesOf(result, 'explanation', 'Table').values()][0]!;
    const [, , , , id, caption] = explanation.rows[0]!;
    expect(id).toMatch(/^anchors\.tar\/0000500\d+\.webp$/);
    expect(caption).toContain('red ring');
    expect([...valuesOf(result, 'anchors', 'Table').values()][0]!.rows[0]).toEqual(['anchors', 400, null]);
  });

  it('forgets what is removed', async () => {
    const scene = exampleScenes()[0]!;
    const whole = await runGraph('asif-classify', { set: { image: `examples/${scene.file_name}` } });
    const [before] = [...valuesOf(whole, 'explanation', 'Table').values()];
    const ids = before!.rows.map((row) => String(row[4]));
    const without = await runGraph('asif-classify', { set: { image: `examples/${scene.file_name}`, remove: ids } });
    const [after] = [...valuesOf(without, 'explanation', 'Table').values()];
    for (const row of after!.rows) expect(ids).not.toContain(row[4]);
    expect([...valuesOf(without, 'anchors', 'Table').values()][0]!.rows[0]).toEqual([
      'anchors',
      400 - ids.length,
      null,
    ]);
  });
});
