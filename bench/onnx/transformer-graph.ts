/**
 * A transformer of the bench as an ONNX file, with ONNX Runtime's fused operators where they help it: attention, norms that
 * add the residual, activations that add the bias. Inputs `pixels`, or `ids` and `places` (positions), both int64
 * [batch, length]; with a past also `past_N_key` and `past_N_value`; outputs `y` and the same of the present.
 * Operators: onnxruntime docs/ContribOperators.md.
 */
import type { TransformerShape, Weights } from '../models/transformer.ts';
import { plainAttention } from './attention-graph.ts';
import { OnnxGraph, type Size, type Value } from './graph.ts';
import { quantized, transposed } from './matrix.ts';

export interface GraphStyle {
  /** `Attention` projects inside; `MultiHeadAttention` is given projected rows; `plain` is products and a softmax. */
  readonly attention: 'Attention' | 'MultiHeadAttention' | 'plain';
  /** Dynamically quantised matrix products, int8 weights with a scale for each output. */
  readonly int8?: boolean;
  /** Keys and values of earlier tokens are inputs; `MultiHeadAttention` only. */
  readonly past?: boolean;
}

const MICROSOFT = { domain: 'com.microsoft' } as const;

/** Bytes written. */
export function writeTransformer(
  path: string,
  shape: TransformerShape,
  weights: Weights,
  style: GraphStyle,
): Promise<number> {
  const graph = new OnnxGraph();
  const builder = new Builder(graph, shape, weights, style);
  const last = builder.output(builder.layers(builder.embedding()));
  graph.output(graph.named(last, 'y'), 'float32', builder.outputShape());
  return graph.write(path);
}

interface Stream {
  /** The sum of residuals, [batch, length, width]. */
  readonly rows: Value;
  /** What the last sublayer adds to it, without its bias, where no norm has done so yet. */
  readonly added?: { readonly value: Value; readonly bias: Value };
}

class Builder {
  readonly #graph: OnnxGraph;
  readonly #shape: TransformerShape;
  readonly #weights: Weights;
  readonly #style: GraphStyle;

  constructor(graph: OnnxGraph, shape: TransformerShape, weights: Weights, style: GraphStyle) {
    this.#graph = graph;
    this.#shape = shape;
    this.#weights = weights;
    this.#style = style;
  }

  embedding(): Value {
    const graph = this.#graph;
    const { embedding, width, embeddingNorm } = this.#shape;
    let rows: Value;
    if (embedding.kind === 'patches') {
      const { patch, picture } = embedding;
      const pixels = graph.input('pixels', 'float32', ['batch', 3, picture, picture]);
      const strides = { kernel_shape: [patch, patch], strides: [patch, patch] };
      const maps = graph.node('Conv', [pixels, this.#constant('patches')], { attributes: strides });
      const flat = graph.node('Reshape', [maps, this.#integers(0, 0, -1)]);
      const patches = graph.node('Transpose', [flat], { attributes: { perm: [0, 2, 1] } });
      const batch = graph.node('Shape', [pixels], { attributes: { start: 0, end: 1 } });
      const sizes = graph.node('Concat', [batch, this.#integers(1, width)], { attributes: { axis: 0 } });
      const leading = graph.node('Expand', [this.#constant('class', [1, 1, width]), sizes]);
      rows = graph.node('Concat', [leading, patches], { attributes: { axis: 1 } });
      rows = graph.node('Add', [rows, this.#constant('positions')]);
    } else {
      const ids = graph.input('ids', 'int64', ['batch', 'length']);
      const places = graph.input('places', 'int64', ['batch', 'length']);
      rows = graph.node('Add', [
        graph.node('Gather', [this.#constant('tokens'), ids]),
        graph.node('Gather', [this.#constant('positions'), places]),
      ]);
      // All tokens are of the first segment.
      if (embedding.segments > 0) {
        rows = graph.node('Add', [rows, graph.constant(this.#data('segments').subarray(0, width), [width])]);
      }
    }
    return embeddingNorm ? this.#norm('embeddingNorm', rows) : rows;
  }

  layers(embedded: Value): Stream {
    let stream: Stream = { rows: embedded };
    for (let layer = 0; layer < this.#shape.layers; layer += 1) {
      const inside = (name: string) => `layers.${layer}.${name}`;
      const sublayers = [
        { norm: inside('norm1'), out: inside('output'), run: (rows: Value) => this.#attention(layer, rows) },
        { norm: inside('norm2'), out: inside('down'), run: (rows: Value) => this.#inner(inside('up'), rows) },
      ];
      for (const { norm, out, run } of sublayers) {
        if (this.#shape.normFirst) {
          const { normed, rows } = this.#addAndNorm(norm, stream);
          stream = { rows, added: this.#product(out, run(normed)) };
        } else {
          const added = this.#product(out, run(stream.rows));
          stream = { rows: this.#addAndNorm(norm, { rows: stream.rows, added }).normed };
        }
      }
    }
    return stream;
  }

  output({ rows, added }: Stream): Value {
    const graph = this.#graph;
    const { output } = this.#shape;
    if (output.kind === 'hidden') return rows;
    const row = output.kind === 'projection' && output.row === 'first' ? 0 : -1;
    const chosen = (value: Value) =>
      graph.node('Gather', [value, graph.constant(BigInt64Array.of(BigInt(row)), [])], { attributes: { axis: 1 } });
    // Only the row that is read is added up and normalised.
    const { normed } = this.#addAndNorm('norm', {
      rows: chosen(rows),
      added: { value: chosen(added!.value), bias: added!.bias },
    });
    return this.#times(output.kind === 'projection' ? 'projection' : 'tokens', normed);
  }

  outputShape(): Size[] {
    const { output, width, embedding } = this.#shape;
    if (output.kind === 'hidden') return ['batch', 'length', width];
    if (output.kind === 'projection') return ['batch', output.size];
    return ['batch', embedding.kind === 'tokens' ? embedding.vocabulary : 0];
  }

  #attention(layer: number, rows: Value): Value {
    const { heads, causal, width } = this.#shape;
    const { attention, int8 = false, past = false } = this.#style;
    const graph = this.#graph;
    const name = `layers.${layer}.qkv`;
    const attributes = { num_heads: heads, unidirectional: causal ? 1 : 0 };
    if (attention === 'Attention' && !int8 && !past) {
      const inputs = [rows, this.#matrix(`${name}.weight`), this.#constant(`${name}.bias`)];
      return graph.node('Attention', inputs, { ...MICROSOFT, attributes });
    }
    const { value, bias } = this.#product(name, rows);
    const biased = bias === '' ? value : graph.node('Add', [value, bias]);
    const [query, key, values] = graph.nodes('Split', [biased, this.#integers(width, width, width)], {
      attributes: { axis: -1 },
      outputs: 3,
    });
    if (attention === 'plain') {
      if (causal) throw new Error('plain attention is written without a mask');
      return plainAttention(graph, [query!, key!, values!], heads, width / heads);
    }
    const cached = past ? this.#pastInputs(layer) : [];
    const inputs = [query!, key!, values!, ...(past ? ['', '', '', ...cached] : [])];
    const [attended, ...present] = graph.nodes('MultiHeadAttention', inputs, {
      ...MICROSOFT,
      attributes,
      outputs: past ? 3 : 1,
    });
    for (const [index, made] of present.entries()) {
      const sizes = ['batch', heads, 'total', width / heads];
      graph.output(graph.named(made, `present_${layer}_${index === 0 ? 'key' : 'value'}`), 'float32', sizes);
    }
    return attended!;
  }

  #pastInputs(layer: number): Value[] {
    const { heads, width } = this.#shape;
    const sizes = ['batch', heads, 'past', width / heads];
    return ['key', 'value'].map((kind) => this.#graph.input(`past_${layer}_${kind}`, 'float32', sizes));
  }

  /** activation(rows W^T + b). */
  #inner(name: string, rows: Value): Value {
    const graph = this.#graph;
    const { value, bias } = this.#product(name, rows);
    const { activation } = this.#shape;
    if (activation === 'quick_gelu') {
      const biased = bias === '' ? value : graph.node('Add', [value, bias]);
      return graph.node('QuickGelu', [biased], { ...MICROSOFT, attributes: { alpha: 1.702 } });
    }
    if (activation === 'gelu_tanh') return graph.node('FastGelu', bias === '' ? [value] : [value, bias], MICROSOFT);
    return bias === '' ? graph.node('Gelu', [value]) : graph.node('BiasGelu', [value, bias], MICROSOFT);
  }

  /** Adds what the stream has yet to add, in one operator with the norm. */
  #addAndNorm(name: string, { rows, added }: Stream): { normed: Value; rows: Value } {
    if (added === undefined) return { normed: this.#norm(name, rows), rows };
    const inputs = [rows, added.value, this.#constant(`${name}.weight`), this.#constant(`${name}.bias`)];
    const [normed, , , sum] = this.#graph.nodes(
      'SkipLayerNormalization',
      added.bias === '' ? inputs : [...inputs, added.bias],
      { ...MICROSOFT, attributes: { epsilon: this.#shape.epsilon }, outputs: 4 },
    );
    return { normed: normed!, rows: sum! };
  }

  #norm(name: string, rows: Value): Value {
    return this.#graph.node(
      'LayerNormalization',
      [rows, this.#constant(`${name}.weight`), this.#constant(`${name}.bias`)],
      { attributes: { axis: -1, epsilon: this.#shape.epsilon } },
    );
  }

  /** rows W^T, and the bias where it is yet to be added. */
  #product(name: string, rows: Value): { value: Value; bias: Value } {
    const bias = this.#constant(`${name}.bias`);
    if (this.#style.int8 === true) return { value: this.#times(`${name}.weight`, rows, bias), bias: '' };
    return { value: this.#times(`${name}.weight`, rows), bias };
  }

  #times(name: string, rows: Value, bias = ''): Value {
    if (this.#style.int8 !== true) return this.#graph.node('MatMul', [rows, this.#matrix(name)]);
    const [outputs, inputs] = this.#weights.get(name)!.shape as [number, number];
    const { data, scales } = quantized(this.#data(name), outputs, inputs);
    const parts = [
      rows,
      this.#graph.constant(data, [inputs, outputs]),
      this.#graph.constant(scales, [outputs]),
      this.#graph.constant(new Int8Array(outputs), [outputs]),
    ];
    return this.#graph.node('DynamicQuantizeMatMul', bias === '' ? parts : [...parts, bias], MICROSOFT);
  }

  /** A weight [outputs, inputs] as [inputs, outputs]. */
  #matrix(name: string): Value {
    const [outputs, inputs] = this.#weights.get(name)!.shape as [number, number];
    return this.#graph.constant(transposed(this.#data(name), outputs, inputs), [inputs, outputs]);
  }

  #constant(name: string, sizes: readonly number[] = this.#weights.get(name)!.shape): Value {
    return this.#graph.constant(this.#data(name), sizes);
  }

  #integers(...values: number[]): Value {
    return this.#graph.constant(BigInt64Array.from(values.map(BigInt)), [values.length]);
  }

  #data(name: string): Float32Array {
    return this.#weights.get(name)!.data;
  }
}
