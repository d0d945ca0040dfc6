/** Peers compute what we compute: ONNX files of tiny transformers, run by ONNX Runtime, against our stack. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor as OnnxTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosine, relativeError } from '../../../bench/harness/agreement.ts';
import { randomIntegers, randomUniform } from '../../../bench/models/random.ts';
import { stackSpec } from '../../../bench/models/stack-spec.ts';
import { randomWeights, type TransformerShape, type Weights } from '../../../bench/models/transformer.ts';
import { type GraphStyle, writeTransformer } from '../../../bench/onnx/transformer-graph.ts';
import { type Feeds, floats, integers, openSession } from '../../../bench/peers/onnx-runtime.ts';
import { Stack } from '../../../src/native/stack.ts';

const SIZES = { width: 32, heads: 4, layers: 2, inner: 48, epsilon: 1e-5 } as const;
const VIT: TransformerShape = {
  ...SIZES,
  name: 'tiny image encoder',
  activation: 'quick_gelu',
  causal: false,
  normFirst: true,
  embedding: { kind: 'patches', patch: 4, picture: 12 },
  embeddingNorm: true,
  output: { kind: 'projection', row: 'first', size: 8 },
};
const BERT: TransformerShape = {
  ...SIZES,
  name: 'tiny BERT',
  activation: 'gelu',
  causal: false,
  normFirst: false,
  embedding: { kind: 'tokens', vocabulary: 20, positions: 9, segments: 2 },
  embeddingNorm: true,
  output: { kind: 'hidden' },
};
const GPT: TransformerShape = {
  ...SIZES,
  name: 'tiny GPT-2',
  activation: 'gelu_tanh',
  causal: true,
  normFirst: true,
  embedding: { kind: 'tokens', vocabulary: 20, positions: 9, segments: 0 },
  embeddingNorm: false,
  output: { kind: 'vocabulary' },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function theirs(shape: TransformerShape, weights: Weights, style: GraphStyle, feeds: Feeds) {
  const path = join(folder, 'model.onnx');
  await writeTransformer(path, shape, weights, style);
  const session = await openSession(path, 1);
  const results = await session.run(feeds);
  await session.release();
  return results;
}

function pixels(batch: number) {
  const shape = [batch, 3, 12, 12];
  return { data: randomUniform(5, batch * 3 * 12 * 12, 1), shape };
}

function places(batch: number, length: number, from = 0): OnnxTensor {
  return integers(
    Array.from({ length: batch * length }, (_, index) => from + (index % length)),
    [batch, length],
  );
}

const EXACT: GraphStyle[] = [{ attention: 'Attention' }, { attention: 'MultiHeadAttention' }, { attention: 'plain' }];

describe('a transformer written as ONNX', () => {
  it.each(EXACT)('encodes pictures as our stack does ($attention)', async (style) => {
    const weights = randomWeights(VIT);
    const { data, shape } = pixels(2);
    using stack = await Stack.build(stackSpec(VIT, weights));
    const ours = (await stack.run({ pixels: { data, shape } })).head!.toFloats();
    const { y } = await theirs(VIT, weights, style, { pixels: floats(data, shape) });
    expect(y!.dims).toEqual([2, 8]);
    expect(relativeError(y!.data as Float32Array, ours)).toBeLessThan(1e-4);
  });

  it.each(EXACT)('encodes texts as our stack does ($attention)', async (style) => {
    const weights = randomWeights(BERT);
    const ids = randomIntegers(3, 2 * 7, 20);
    using stack = await Stack.build(stackSpec(BERT, weights));
    const ours = (await stack.run({ ids, batch: 2 })).hidden!.toFloats();
    const feeds = { ids: integers(ids, [2, 7]), places: places(2, 7) };
    const { y } = await theirs(BERT, weights, style, feeds);
    expect(relativeError(y!.data as Float32Array, ours)).toBeLessThan(1e-4);
  });

  it('continues from a past as our stack does from its cache', async () => {
    const weights = randomWeights(GPT);
    const ids = randomIntegers(4, 6, 20);
    using stack = await Stack.build(stackSpec(GPT, weights));
    using cache = stack.newCache();
    await stack.run({ ids: ids.slice(0, 5) }, { cache });
    const ours = (await stack.run({ ids: ids.slice(5) }, { cache })).head!.toFloats();

    const style: GraphStyle = { attention: 'MultiHeadAttention', past: true };
    const past = (of: (layer: number, kind: string) => OnnxTensor) =>
      Object.fromEntries(
        [0, 1].flatMap((layer) => ['key', 'value'].map((kind) => [`past_${layer}_${kind}`, of(layer, kind)])),
      );
    const none = past(() => floats(new Float32Array(), [1, 4, 0, 8]));
    const first = await theirs(GPT, weights, style, {
      ids: integers(ids.slice(0, 5), [1, 5]),
      places: places(1, 5),
      ...none,
    });
    const { y } = await theirs(GPT, weights, style, {
      ids: integers(ids.slice(5), [1, 1]),
      places: places(1, 1, 5),
      ...past((layer, kind) => first[`present_${layer}_${kind}`] as OnnxTensor),
    });
    expect(y!.dims).toEqual([1, 20]);
    expect(relativeError(y!.data as Float32Array, ours)).toBeLessThan(1e-4);
  });

  it('quantises its matrices, close to the exact ones', async () => {
    const weights = randomWeights(VIT);
    const { data, shape } = pixels(2);
    using stack = await Stack.build(stackSpec(VIT, weights));
    const ours = (await stack.run({ pixels: { data, shape } })).head!.toFloats();
    const style: GraphStyle = { attention: 'MultiHeadAttention', int8: true };
    const y = (await theirs(VIT, weights, style, { pixels: floats(data, shape) })).y!.data as Float32Array;
    expect(cosine(y, ours)).toBeGreaterThan(0.999);
    // Otherwise nothing was quantised.
    expect(relativeError(y, ours)).toBeGreaterThan(1e-4);
  });
});
