import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/fuse/merged-attention.ts';
import { runNode } from '../call-node.ts';
import {
  addRows,
  attendRows,
  blocksOf,
  drawn,
  expectClose,
  features,
  featuresFrom,
  linearRows,
  normRows,
  rowsOf,
  type Weights,
} from './fixture-block.ts';

const NAMES = {
  before: {
    ...{ query: 'attention.attention.query', key: 'attention.attention.key', value: 'attention.attention.value' },
    ...{ first: 'layernorm_before', second: 'layernorm_after' },
  },
  after: {
    ...{ query: 'attention.self.query', key: 'attention.self.key', value: 'attention.self.value' },
    ...{ first: 'attention.output.LayerNorm', second: 'output.LayerNorm' },
  },
} as const;

function layerOf(norms: keyof typeof NAMES): Weights {
  const { query, key, value, first, second } = NAMES[norms];
  const matrix = (name: string, seed: number, outputs: number, inputs: number) => ({
    [`${name}.weight`]: drawn(seed, outputs, inputs),
    [`${name}.bias`]: drawn(seed + 50, outputs),
  });
  return {
    ...{ ...matrix(query, 1, 6, 6), ...matrix(key, 2, 6, 6), ...matrix(value, 3, 6, 6) },
    ...{ ...matrix('attention.output.dense', 4, 6, 6), ...matrix('intermediate.dense', 5, 8, 6) },
    ...matrix('output.dense', 6, 6, 8),
    ...{ [`${first}.weight`]: drawn(7, 6), [`${first}.bias`]: drawn(8, 6) },
    ...{ [`${second}.weight`]: drawn(9, 6), [`${second}.bias`]: drawn(10, 6) },
  };
}

/** The layer in plain numbers, over all rows at once. */
function expected(rows: number[][], norms: keyof typeof NAMES): number[][] {
  const weights = layerOf(norms);
  const { query, key, value, first, second } = NAMES[norms];
  const apply = (x: number[][], name: string) =>
    linearRows(x, weights[`${name}.weight`]!, weights[`${name}.bias`]!.data);
  const norm = (x: number[][], name: string) =>
    normRows(x, weights[`${name}.weight`]!.data, weights[`${name}.bias`]!.data, 0.01);
  const attend = (x: number[][]) =>
    apply(attendRows(apply(x, query), apply(x, key), apply(x, value), 3), 'attention.output.dense');
  const network = (x: number[][]) =>
    apply(
      apply(x, 'intermediate.dense').map((row) => row.map((one) => Math.max(0, one))),
      'output.dense',
    );
  if (norms === 'after') {
    const middle = norm(addRows(rows, attend(rows)), first);
    return norm(addRows(middle, network(middle)), second);
  }
  const middle = addRows(rows, attend(norm(rows, first)));
  return addRows(middle, network(norm(middle, second)));
}

const given = { image: features(drawn(21, 3, 6)), text: features(drawn(22, 2, 6)) };
const params = { model: 'test', heads: 3, epsilon: 0.01, activation: 'relu' };

describe('fuse/merged-attention', () => {
  it.each(['before', 'after'] as const)('is one layer over both, with norms %s', async (norms) => {
    const made = await runNode(node, { ...params, norms }, given, await blocksOf(layerOf(norms)));
    const rows = expected([...rowsOf(given.image), ...rowsOf(given.text)], norms);
    expectClose(made.image, featuresFrom(rows.slice(0, 3)));
    expectClose(made.text, featuresFrom(rows.slice(3)));
  });

  it('reads queries, keys and values that lie in one tensor', async () => {
    const { query, key, value } = NAMES.before;
    const weights = layerOf('before');
    const joined = (suffix: string) => [query, key, value].flatMap((name) => [...weights[`${name}.${suffix}`]!.data]);
    const fused = {
      ...Object.fromEntries(Object.entries(weights).filter(([name]) => !name.includes('attention.attention'))),
      'attn.qkv.weight': { shape: [18, 6], data: Float32Array.from(joined('weight')) },
      'attn.qkv.bias': { shape: [18], data: Float32Array.from(joined('bias')) },
    };
    const made = await runNode(node, params, given, await blocksOf(fused));
    const rows = expected([...rowsOf(given.image), ...rowsOf(given.text)], 'before');
    expectClose(made.image, featuresFrom(rows.slice(0, 3)));
  });

  it('refuses rows of two widths', async () => {
    const text = features(drawn(22, 2, 5));
    await expect(runNode(node, params, { ...given, text }, await blocksOf(layerOf('before')))).rejects.toMatchObject({
      code: 'run/bad-input',
      message: expect.stringContaining('text'),
    });
  });
});
