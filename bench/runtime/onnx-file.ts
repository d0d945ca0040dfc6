/** An ONNX encoder of any size: layers of MatMul and Relu over [rows, width], with repeatable random weights. */
import { randomUniform } from '../models/random.ts';
import { OnnxGraph } from '../onnx/graph.ts';

export interface EncoderShape {
  readonly layers: number;
  readonly width: number;
}

/** Bytes written: layers * width * width * 4, and a little. Input `x` [rows, width], output `y` [rows, width]. */
export async function writeEncoder(path: string, { layers, width }: EncoderShape): Promise<number> {
  const graph = new OnnxGraph();
  // Uniform in +-sqrt(3 / width), so that activations keep their size through the layers.
  const weights = randomUniform(1, width * width, Math.sqrt(3 / width));
  let rows = graph.input('x', 'float32', ['rows', width]);
  for (let layer = 0; layer < layers; layer += 1) {
    rows = graph.node('Relu', [graph.node('MatMul', [rows, graph.constant(weights, [width, width])])]);
  }
  graph.output(graph.named(rows, 'y'), 'float32', ['rows', width]);
  return graph.write(path);
}
