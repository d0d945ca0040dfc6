/** Attention of rows [batch, S, heads * size] as ONNX files, in each way that ONNX Runtime has. */
import { OnnxGraph, type Value } from './graph.ts';

/** `standard`: the operator of ONNX 23. `plain`: products and a softmax. */
export type AttentionWay = 'MultiHeadAttention' | 'standard' | 'plain';
export const ATTENTION_WAYS: readonly AttentionWay[] = ['MultiHeadAttention', 'standard', 'plain'];

export interface AttentionSizes {
  readonly heads: number;
  readonly size: number;
}

/** Inputs `query`, `key`, `value`, output `y`. Gives the bytes written. */
export function writeAttention(path: string, { heads, size }: AttentionSizes, way: AttentionWay): Promise<number> {
  const graph = new OnnxGraph({ opset: way === 'standard' ? 23 : 20 });
  const shape = ['batch', 'rows', heads * size];
  const inputs = ['query', 'key', 'value'].map((name) => graph.input(name, 'float32', shape));
  graph.output(graph.named(attend(graph, inputs, heads, size, way), 'y'), 'float32', shape);
  return graph.write(path);
}

function attend(graph: OnnxGraph, inputs: Value[], heads: number, size: number, way: AttentionWay): Value {
  if (way === 'MultiHeadAttention') {
    return graph.node('MultiHeadAttention', inputs, { domain: 'com.microsoft', attributes: { num_heads: heads } });
  }
  if (way === 'standard') {
    return graph.node('Attention', inputs, { attributes: { q_num_heads: heads, kv_num_heads: heads } });
  }
  return plainAttention(graph, inputs, heads, size);
}

/** softmax(Q K^T / sqrt(size)) V from products, for rows [batch, S, heads * size]. */
export function plainAttention(
  graph: OnnxGraph,
  [query, key, value]: readonly Value[],
  heads: number,
  size: number,
): Value {
  const integers = (...values: number[]) => graph.constant(BigInt64Array.from(values.map(BigInt)), [values.length]);
  const split = integers(0, 0, heads, size);
  const byHead = (rows: Value, perm: readonly number[]) =>
    graph.node('Transpose', [graph.node('Reshape', [rows, split])], { attributes: { perm } });
  const scale = graph.constant(Float32Array.of(1 / Math.sqrt(size)), []);
  const scaled = graph.node('Mul', [byHead(query!, [0, 2, 1, 3]), scale]);
  const scores = graph.node('MatMul', [scaled, byHead(key!, [0, 2, 3, 1])]);
  const shares = graph.node('Softmax', [scores], { attributes: { axis: -1 } });
  const attended = graph.node('MatMul', [shares, byHead(value!, [0, 2, 1, 3])]);
  const rows = graph.node('Transpose', [attended], { attributes: { perm: [0, 2, 1, 3] } });
  return graph.node('Reshape', [rows, integers(0, 0, heads * size)]);
}
