import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/perceiver-resampler.ts';
import { runNode } from '../call-node.ts';
import { expectClose, fixture, itemOf } from './fixture-block.ts';

describe('fuse/perceiver-resampler', () => {
  it('is the resampler of Flamingo, after embeddings of frame and picture', async () => {
    const { services, inputs, outputs, weights } = await fixture('flamingo_options');
    const frame = weights.get('perceiver.frame_embs')!.data as Float32Array;
    const picture = weights.get('perceiver.media_time_embs')!.data as Float32Array;
    const rows = itemOf(inputs.get('visual'), 1);
    // Item 1 is the second picture of the first text; each has one frame.
    const placed = rows.data.map((value, index) => {
      const column = index % rows.dim;
      return value + frame[column]! + picture[rows.dim + column]!;
    });
    const params = { model: 'test', prefix: 'perceiver.', heads: 2 };
    const made = await runNode(node, params, { rows: { ...rows, data: placed } }, services);
    expectClose(made.rows, itemOf(outputs.get('resampled'), 1));
  });

  it('tells what it looked for where there is none', async () => {
    const { services, inputs } = await fixture('flamingo_options');
    const given = { rows: itemOf(inputs.get('visual'), 0) };
    await expect(runNode(node, { model: 'test', prefix: 'other.' }, given, services)).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"other.latents" is missing'),
    });
  });
});
