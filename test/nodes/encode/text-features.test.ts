import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import node from '../../../src/nodes/encode/text-features.ts';
import { runNode } from '../call-node.ts';

const ZOO = join(import.meta.dirname, '..', '..', '..', 'models', 'zoo', 'clip-shapes');

async function family() {
  const { architecture, loaded } = await openFamily(ZOO, { model: 'zoo/clip-shapes' });
  return { ref: 'zoo/clip-shapes', space: 'test', family: 'clip', architecture, ...loaded };
}

describe('encode/text-features', () => {
  it('gives a row for each token, and the tokens, of a real tower', async () => {
    const text = { kind: 'Text', text: 'a red ring' } as const;
    const { features, tokens } = await runNode(node, { model: 'zoo/clip-shapes' }, { text }, { family });
    expect([features.seq, features.dim]).toEqual([tokens.ids.length, 128]);
    expect(tokens.ids[0]).toBe(748);
    expect(tokens.ids.at(-1)).toBe(749);
    // The tower is causal: what comes later changes no row before it.
    const longer = { kind: 'Text', text: 'a red ring on a square' } as const;
    const other = await runNode(node, { model: 'zoo/clip-shapes' }, { text: longer }, { family });
    const shared = (tokens.ids.length - 1) * 128;
    for (const [index, value] of features.data.subarray(0, shared).entries()) {
      expect(other.features.data[index]).toBeCloseTo(value, 4);
    }
    expect(other.features.seq).toBeGreaterThan(features.seq);
  });

  it('refuses a model without such a tower', async () => {
    const text = { kind: 'Text', text: 'a' } as const;
    const none = async () => ({ ...(await family()), features: {} });
    await expect(runNode(node, { model: 'test' }, { text }, { family: none })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('features of none'),
    });
  });
});
