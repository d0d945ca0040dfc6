import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/bridge-layer.ts';
import { runNode } from '../call-node.ts';
import { blocksOf, drawn, expectClose, features, featuresFrom, linearRows, normRows, rowsOf } from './fixture-block.ts';

const weights = { 'b.LayerNorm.weight': drawn(1, 4), 'b.LayerNorm.bias': drawn(2, 4) };
const factor = (name: string, value: number) => ({ [`b.${name}`]: { shape: [1], data: Float32Array.of(value) } });
const given = { unimodal: features(drawn(3, 3, 4)), crossed: features(drawn(4, 3, 4)) };
const params = { model: 'test', prefix: 'b.', epsilon: 0.01 };

/** LN(u * unimodal + c * crossed). */
function joined(unimodal: number[][], u: number, c: number) {
  const sum = rowsOf(given.crossed).map((row, index) =>
    row.map((value, column) => c * value + u * unimodal[index]![column]!),
  );
  return featuresFrom(normRows(sum, weights['b.LayerNorm.weight'].data, weights['b.LayerNorm.bias'].data, 0.01));
}

describe('fuse/bridge-layer', () => {
  it.each([
    ['add', {}, 1, 1],
    ['scaled_add', factor('scaled_factor', 2.5), 2.5, 1],
    ['interpolate', factor('beta', 0.25), 0.75, 0.25],
  ])('%s is its equation', async (kind, more, u, c) => {
    const made = await runNode(node, { ...params, kind }, given, await blocksOf({ ...weights, ...more }));
    expectClose(made.rows, joined(rowsOf(given.unimodal), u, c));
  });

  it("brings the tower's rows to the stream's width where it has a matrix for it", async () => {
    const transform = { 'b.transform.weight': drawn(5, 4, 6), 'b.transform.bias': drawn(6, 4) };
    const unimodal = features(drawn(7, 3, 6));
    const made = await runNode(node, params, { ...given, unimodal }, await blocksOf({ ...weights, ...transform }));
    const raised = linearRows(rowsOf(unimodal), transform['b.transform.weight'], transform['b.transform.bias'].data);
    expectClose(made.rows, joined(raised, 1, 1));
  });

  it('needs as many rows of both, and the number of its kind', async () => {
    const short = runNode(node, params, { ...given, crossed: features(drawn(4, 2, 4)) }, await blocksOf(weights));
    await expect(short).rejects.toMatchObject({ code: 'run/bad-input', message: expect.stringContaining('[3, 4]') });
    const bare = runNode(node, { ...params, kind: 'interpolate' }, given, await blocksOf(weights));
    await expect(bare).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"b.beta"'),
    });
  });
});
