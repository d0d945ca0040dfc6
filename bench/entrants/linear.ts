/** One linear layer, rows [S, inputs] -> [S, outputs]: ours, ONNX Runtime's and PyTorch's. */
import { join } from 'node:path';
import { Linear } from '../../src/native/linear.ts';
import type { Precision } from '../../src/native/stack-spec.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { randomUniform } from '../models/random.ts';
import type { Weight } from '../models/transformer.ts';
import { OnnxGraph } from '../onnx/graph.ts';
import { quantized, transposed } from '../onnx/matrix.ts';
import { type Feeds, floats, ONNX_RUNTIME, openSession } from '../peers/onnx-runtime.ts';
import type { TorchPeer } from '../peers/torch.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrant.ts';

export interface LinearCase {
  readonly rows: Weight;
  readonly weight: Weight;
  readonly bias: Weight;
}

export function linearCase(rows: number, inputs: number, outputs: number): LinearCase {
  return {
    rows: { data: randomUniform(1, rows * inputs, 1), shape: [rows, inputs] },
    weight: { data: randomUniform(2, outputs * inputs, Math.sqrt(3 / inputs)), shape: [outputs, inputs] },
    bias: { data: randomUniform(3, outputs, 0.5), shape: [outputs] },
  };
}

export async function ourLinear({ rows, weight, bias }: LinearCase, precision: Precision): Promise<Entrant> {
  const linear = await Linear.build({ weight, bias }, { precision });
  const tensor = Tensor.from(rows.data, rows.shape);
  return localEntrant(
    `weft ${precision}`,
    () => linear.run(tensor),
    (made) => made.toFloats(),
    async () => {
      linear.release();
      tensor.release();
    },
    (made) => made.release(),
  );
}

/** `folder` is where the ONNX file is written for as long as it is read. */
export async function onnxLinear(
  { rows, weight, bias }: LinearCase,
  precision: 'fp32' | 'int8',
  threads: number,
  folder: string,
): Promise<Entrant> {
  const [outputs, inputs] = weight.shape as [number, number];
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', ['rows', inputs]);
  const addition = graph.constant(bias.data, bias.shape);
  let y: string;
  if (precision === 'int8') {
    const { data, scales } = quantized(weight.data, outputs, inputs);
    const zeros = graph.constant(new Int8Array(outputs), [outputs]);
    const parts = [x, graph.constant(data, [inputs, outputs]), graph.constant(scales, [outputs]), zeros, addition];
    y = graph.node('DynamicQuantizeMatMul', parts, { domain: 'com.microsoft' });
  } else {
    y = graph.node('Gemm', [x, graph.constant(transposed(weight.data, outputs, inputs), [inputs, outputs]), addition]);
  }
  graph.output(graph.named(y, 'y'), 'float32', ['rows', outputs]);
  const path = join(folder, `linear-${precision}.onnx`);
  await graph.write(path);
  const session = await openSession(path, threads);
  const feeds: Feeds = { x: floats(rows.data, rows.shape) };
  return localEntrant(
    `${ONNX_RUNTIME} ${precision}`,
    () => session.run(feeds),
    (made) => made.y!.data as Float32Array,
    () => session.release(),
  );
}

export async function torchLinear(peer: TorchPeer, problem: LinearCase, precision: Precision): Promise<Entrant> {
  const name = `${peer.name} ${precision}`;
  const arrays = await peer.share(new Map(Object.entries(problem)));
  await peer.make(name, 'linear', { arrays, precision });
  return torchEntrant(peer, name);
}
