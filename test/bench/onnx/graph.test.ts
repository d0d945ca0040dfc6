import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxGraph } from '../../../bench/onnx/graph.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(graph: OnnxGraph, feeds: Record<string, ort.Tensor>) {
  const path = join(folder, 'graph.onnx');
  expect(await graph.write(path)).toBe((await stat(path)).size);
  const session = await ort.InferenceSession.create(path);
  return session.run(feeds);
}

describe('OnnxGraph', () => {
  it('writes a graph that ONNX Runtime computes as asked, with every kind of attribute', async () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'float32', ['rows', 3]);
    const weights = graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    // transB is an int, alpha a float, beta a float with a whole value.
    const scaled = graph.node('Gemm', [x, weights, graph.constant(Float32Array.of(10, 20), [2])], {
      attributes: { transB: 1, alpha: 0.5, beta: { float: 2 } },
    });
    const turned = graph.node('Transpose', [scaled], { attributes: { perm: [1, 0] } });
    const last = graph.node('Gather', [turned, graph.constant(BigInt64Array.of(-1n), [1])], {
      attributes: { axis: 0 },
    });
    const erf = graph.node('Gelu', [x], { attributes: { approximate: 'tanh' } });
    const [first, rest] = graph.nodes('Split', [erf, graph.constant(BigInt64Array.of(1n, 2n), [2])], {
      attributes: { axis: -1 },
      outputs: 2,
    });
    graph.output(graph.named(last, 'last'), 'float32', [1, 'rows']);
    graph.output(graph.named(first!, 'first'), 'float32', ['rows', 1]);
    graph.output(rest!, 'float32', ['rows', 2]);
    const results = await run(graph, { x: new ort.Tensor('float32', Float32Array.of(1, 1, 2, 0, -1, 0), [2, 3]) });
    expect(results.last!.dims).toEqual([1, 2]);
    expect([...(results.last!.data as Float32Array)]).toEqual([0.5 * (4 + 5 + 12) + 40, 0.5 * -5 + 40]);
    expect((results.first!.data as Float32Array)[0]).toBeCloseTo(0.841192, 5);
    expect((results[rest!]!.data as Float32Array)[2]).toBeCloseTo(-0.158808, 5);
  });

  it('reaches the operators of ONNX Runtime by their domain', async () => {
    const graph = new OnnxGraph();
    const x = graph.input('x', 'float32', [1]);
    const y = graph.node('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: 1.702 } });
    graph.output(graph.named(y, 'y'), 'float32', [1]);
    const { y: result } = await run(graph, { x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
    expect((result!.data as Float32Array)[0]).toBeCloseTo(1 / (1 + Math.exp(-1.702)), 6);
  });

  it('refuses weights that do not fit their shape', () => {
    expect(() => new OnnxGraph().constant(new Float32Array(5), [2, 3])).toThrow('expected 6 numbers for [2,3]');
  });
});
