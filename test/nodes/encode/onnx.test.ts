import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxPool } from '../../../src/models/onnx/pool.ts';
import encode from '../../../src/nodes/encode/onnx.ts';
import type { Services } from '../../../src/nodes/services.ts';
import type { ParamValue } from '../../../src/protocol/param.ts';
import type { TensorValue } from '../../../src/protocol/value.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { graph, identity, matMul, model, node, valueInfo } from '../../models/onnx/build-onnx.ts';
import { runBatch, runNode } from '../call-node.ts';

let pool: OnnxPool;
beforeAll(() => {
  pool = new OnnxPool({ workers: 1, threads: 1 });
});
afterAll(() => pool.close());

/** y = [x0 + 10 x1, x0 - x1] */
const product = matMul(2, 2, Float32Array.from([1, 1, 10, -1]));

/** Two inputs, two outputs. */
const two = model(
  graph('two', {
    nodes: [node('Add', ['a', 'b'], ['sum']), node('Sub', ['a', 'b'], ['difference'])],
    inputs: [valueInfo('a', 'float32', [2]), valueInfo('b', 'float32', [2])],
    outputs: [valueInfo('sum', 'float32', [2]), valueInfo('difference', 'float32', [2])],
  }),
);

/** Sums over the batch: its output has no batch axis. */
const collapsed = model(
  graph('collapsed', {
    nodes: [node('Transpose', ['x'], ['y'])],
    inputs: [valueInfo('x', 'float32', ['n', 3])],
    outputs: [valueInfo('y', 'float32', [3, 'n'])],
  }),
);

function servicesWith(file: Uint8Array | string): Partial<Services> {
  const folder = temporaryFolder({ 'model.onnx': file });
  const models = {
    onnxFile: async () => join(folder, 'model.onnx'),
    folder: async () => folder,
    info: () => Promise.reject(new Error('not asked')),
  };
  return { models, onnx: pool };
}

function tensor(numbers: readonly number[], shape: readonly number[] = [numbers.length]): TensorValue {
  const origin = { width: 4, height: 2, name: `${numbers[0]}.png` };
  return { kind: 'Tensor', dtype: 'float32', shape, data: Float32Array.from(numbers), origin };
}

const given = { model: 'zoo/trial' };
const run = (file: Uint8Array | string, value: TensorValue, more: Record<string, ParamValue> = {}) =>
  runNode(encode, { ...given, ...more }, { tensor: value }, servicesWith(file));

describe('encode/onnx', () => {
  it('adds the batch axis, takes it away again, and keeps the origin', async () => {
    const made = await run(product, tensor([3, 4]));
    expect(made.tensor).toEqual({ ...tensor([3]), shape: [2], data: Float32Array.from([43, -1]) });
  });

  it('leaves a tensor of the full rank as it is', async () => {
    const made = await run(product, tensor([3, 4, 5, 6], [2, 2]));
    expect(made.tensor).toMatchObject({ shape: [2, 2], data: Float32Array.from([43, -1, 65, -1]) });
  });

  it('runs items of one shape together where the batch is open', async () => {
    const calls = [tensor([1, 1]), tensor([2, 0]), tensor([0, 3])].map((value) => ({ tensor: value }));
    const services = servicesWith(product);
    let runs = 0;
    const onnx = {
      session: async (...options: Parameters<OnnxPool['session']>) => {
        const session = await pool.session(...options);
        const original = session.run.bind(session);
        session.run = (...parts) => {
          runs++;
          return original(...parts);
        };
        return session;
      },
    };
    const results = await runBatch(encode, given, calls, { ...services, onnx });
    expect(runs).toBe(1);
    expect(results).toMatchObject([
      { tensor: { shape: [2], data: Float32Array.from([11, 0]), origin: { name: '1.png' } } },
      { tensor: { data: Float32Array.from([2, 2]), origin: { name: '2.png' } } },
      { tensor: { data: Float32Array.from([30, -3]), origin: { name: '0.png' } } },
    ]);
    expect(calls[0]?.tensor.data).toHaveLength(2);
  });

  it('runs items one by one where the model fixes the batch, or its output has none', async () => {
    const calls = [tensor([1, 2, 3]), tensor([4, 5, 6])].map((value) => ({ tensor: value }));
    const fixed = await runBatch(encode, given, calls, servicesWith(identity('float32', [1, 3])));
    expect(fixed).toMatchObject([
      { tensor: { shape: [3], data: Float32Array.from([1, 2, 3]) } },
      { tensor: { shape: [3] } },
    ]);
    const turned = await runBatch(encode, given, calls, servicesWith(collapsed));
    expect(turned).toMatchObject([
      { tensor: { shape: [3, 1], data: Float32Array.from([1, 2, 3]) } },
      { tensor: { shape: [3, 1] } },
    ]);
    // As many items as the output's first axis is long: that is still no batch.
    const third = { tensor: tensor([7, 8, 9]) };
    expect(await runBatch(encode, given, [...calls, third], servicesWith(collapsed))).toMatchObject([
      { tensor: { shape: [3, 1], data: Float32Array.from([1, 2, 3]) } },
      { tensor: { shape: [3, 1] } },
      { tensor: { shape: [3, 1], data: Float32Array.from([7, 8, 9]) } },
    ]);
  });

  it('lets a tensor that does not fit fail alone', async () => {
    const calls = [tensor([1, 1]), tensor([1, 2, 3]), tensor([2, 2])].map((value) => ({ tensor: value }));
    const results = await runBatch(encode, given, calls, servicesWith(product));
    expect(results).toMatchObject([{ tensor: {} }, { code: 'model/bad-input' }, { tensor: {} }]);
  });

  it('checks type, rank and fixed sizes, and tells what the model takes', async () => {
    const code = 'model/bad-input';
    const bytes = { kind: 'Tensor', dtype: 'uint8', shape: [2], data: new Uint8Array(2) } as const;
    expect(await failure(run(product, bytes))).toMatchObject({
      code,
      message: expect.stringContaining('float32 [n x 2]'),
    });
    expect(await failure(run(product, tensor([1, 2, 3])))).toMatchObject({ code });
    expect(await failure(run(product, tensor([1, 2], [1, 1, 2])))).toMatchObject({ code });
    expect(await failure(run(two, tensor([1, 2])))).toMatchObject({ code, message: expect.stringContaining('"b"') });
  });

  it('chooses input and output by name', async () => {
    const chosen = { input: 'b', output: 'difference' };
    const error = await failure(run(two, tensor([1, 2]), chosen));
    expect(error).toMatchObject({ code: 'model/bad-input', message: expect.stringContaining('"a"') });
    for (const wrong of [{ input: 'c' }, { output: 'product' }]) {
      expect(await failure(run(two, tensor([1, 2]), wrong))).toMatchObject({ code: 'model/unsupported' });
    }
  });

  it('refuses files that are no model', async () => {
    expect(await failure(run('garbage, not a model', tensor([1])))).toMatchObject({ code: 'model/bad-onnx' });
    expect(await failure(run('', tensor([1])))).toMatchObject({ code: 'model/bad-onnx' });
  });
});
