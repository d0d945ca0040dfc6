/**
 * A transformer stack in plain JavaScript doubles, straight from the equations: what the addon's stack is compared with.
 * Slow and simple on purpose; knows self- and cross-attention, both norm orders, gates, rotary positions and masks.
 */
import type {
  LinearSpec,
  NormSpec,
  SelfAttentionSpec,
  StackSpec,
  SublayerSpec,
  WeightData,
} from '../../src/native/stack-spec.ts';

type Row = number[];

export interface ReferenceInput {
  /** [items][length][width]. */
  readonly rows: readonly (readonly Row[])[];
  /** [items][keys]: false is hidden. */
  readonly mask?: readonly (readonly boolean[])[];
  readonly prefix?: number;
  /** [memory][items][rows][width]. */
  readonly memory?: readonly (readonly (readonly Row[])[])[];
  readonly memoryBias?: (memory: number, item: number, head: number, query: number, key: number) => number;
}

const LOWEST = -3.4028234663852886e38;

export function referenceStack(spec: StackSpec, input: ReferenceInput): { hidden: Row[][]; states: Row[][][] } {
  const items = input.rows.map((rows, item) => runItem(spec, input, item, rows));
  return {
    hidden: items.map(({ hidden }) => hidden),
    states: items[0]!.states.map((_, layer) => items.map(({ states }) => states[layer]!)),
  };
}

function runItem(spec: StackSpec, input: ReferenceInput, item: number, rows: readonly Row[]) {
  let x = rows.map((row) => [...row]);
  const states = [x];
  for (const layer of spec.layers) {
    for (const sublayer of layer) x = applySublayer(spec, sublayer, x, input, item);
    states.push(x);
  }
  return { hidden: spec.norm === undefined ? x : x.map((row) => norm(spec.norm!, row)), states };
}

function applySublayer(spec: StackSpec, sublayer: SublayerSpec, x: Row[], input: ReferenceInput, item: number): Row[] {
  const inner = sublayer.before === undefined ? x : x.map((row) => norm(sublayer.before!, row));
  const added = branch(spec, sublayer, inner, input, item);
  const gate = gateOf(sublayer);
  const scales = sublayer.columnScale === undefined ? undefined : numbers(sublayer.columnScale as WeightData);
  const sum = x.map((row, index) =>
    row.map(
      (value, column) =>
        (sublayer.residual === false ? 0 : value) + gate * (scales?.[column] ?? 1) * added[index]![column]!,
    ),
  );
  return sublayer.after === undefined ? sum : sum.map((row) => norm(sublayer.after!, row));
}

function branch(spec: StackSpec, sublayer: SublayerSpec, inner: Row[], input: ReferenceInput, item: number): Row[] {
  if (sublayer.selfAttention !== undefined) return selfAttention(spec, sublayer.selfAttention, inner, input, item);
  if (sublayer.crossAttention !== undefined) {
    const layer = sublayer.crossAttention;
    const headSize = layer.headSize ?? spec.width / layer.heads;
    const keyValue = input.memory![layer.memory]![item]!.map((row) => linear(layer.keyValue, row));
    const width = keyValue[0]!.length / 2;
    return attention({
      queries: inner.map((row) => linear(layer.query, row)),
      keys: keyValue.map((row) => row.slice(0, width)),
      values: keyValue.map((row) => row.slice(width)),
      heads: layer.heads,
      keyHeads: layer.keyHeads ?? layer.heads,
      headSize,
      scale: layer.scale ?? 1 / Math.sqrt(headSize),
      score: (query, key, head) => input.memoryBias?.(layer.memory, item, head, query, key) ?? 0,
    }).map((row) => linear(layer.output, row));
  }
  const { up, gate, down, activation } = sublayer.feedForward!;
  return inner.map((row) => {
    const opened = linear(up, row);
    const middle =
      gate === undefined
        ? opened.map((value) => activate(activation, value))
        : linear(gate, row).map((value, index) => activate(activation, value) * opened[index]!);
    return linear(down, middle);
  });
}

function selfAttention(spec: StackSpec, layer: SelfAttentionSpec, inner: Row[], input: ReferenceInput, item: number) {
  const headSize = layer.headSize ?? spec.width / layer.heads;
  const keyHeads = layer.keyHeads ?? layer.heads;
  const queryWidth = layer.heads * headSize;
  const keyWidth = keyHeads * headSize;
  const qkv = inner.map((row) => linear(layer.qkv, row));
  const turn = (row: Row, position: number) => (layer.rotary ? rotate(spec, row, headSize, position) : row);
  return attention({
    queries: qkv.map((row, index) => turn(row.slice(0, queryWidth), index)),
    keys: qkv.map((row, index) => turn(row.slice(queryWidth, queryWidth + keyWidth), index)),
    values: qkv.map((row) => row.slice(queryWidth + keyWidth)),
    heads: layer.heads,
    keyHeads,
    headSize,
    scale: layer.scale ?? 1 / Math.sqrt(headSize),
    score: (query, key) => {
      const hidden = layer.causal === true && key > query && key >= (input.prefix ?? 0);
      if (hidden) return Number.NEGATIVE_INFINITY;
      return input.mask?.[item]?.[key] === false ? LOWEST : 0;
    },
  }).map((row) => linear(layer.output, row));
}

function attention(problem: {
  queries: Row[];
  keys: Row[];
  values: Row[];
  heads: number;
  keyHeads: number;
  headSize: number;
  scale: number;
  score: (query: number, key: number, head: number) => number;
}): Row[] {
  const { queries, keys, values, heads, keyHeads, headSize, scale } = problem;
  return queries.map((query, i) =>
    Array.from({ length: heads }, (_, head) => {
      const from = head * headSize;
      const keyFrom = Math.floor(head / (heads / keyHeads)) * headSize;
      const scores = keys.map((key, j) => {
        let dot = 0;
        for (let d = 0; d < headSize; d += 1) dot += query[from + d]! * key[keyFrom + d]!;
        return dot * scale + problem.score(i, j, head);
      });
      const highest = Math.max(...scores);
      const weights = scores.map((score) => (highest === Number.NEGATIVE_INFINITY ? 0 : Math.exp(score - highest)));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return Array.from({ length: headSize }, (__, d) =>
        sum === 0 ? 0 : weights.reduce((total, weight, j) => total + weight * values[j]![keyFrom + d]!, 0) / sum,
      );
    }).flat(),
  );
}

function rotate(spec: StackSpec, row: Row, headSize: number, position: number): Row {
  const { inverseFrequencies, scale = 1 } = spec.rotary!;
  const pairs = inverseFrequencies.length;
  const turned = [...row];
  for (let head = 0; head < row.length / headSize; head += 1) {
    for (let pair = 0; pair < pairs; pair += 1) {
      const angle = position * inverseFrequencies[pair]!;
      const first = head * headSize + pair;
      const [a, b] = [row[first]!, row[first + pairs]!];
      turned[first] = scale * (a * Math.cos(angle) - b * Math.sin(angle));
      turned[first + pairs] = scale * (b * Math.cos(angle) + a * Math.sin(angle));
    }
  }
  return turned;
}

function linear(spec: LinearSpec, row: Row): Row {
  const weights = [spec.weight].flat() as WeightData[];
  const biases = spec.bias === undefined ? [] : ([spec.bias].flat() as (WeightData | undefined)[]);
  return weights.flatMap((weight, part) => {
    const inputs = row.length;
    const outputs = weight.data.length / inputs;
    return Array.from({ length: outputs }, (_, output) => {
      let sum = biases[part]?.data[output] ?? 0;
      for (let i = 0; i < inputs; i += 1) {
        sum += row[i]! * weight.data[spec.inputsFirst === true ? i * outputs + output : output * inputs + i]!;
      }
      return sum;
    });
  });
}

function norm({ kind = 'layer', weight, bias, epsilon }: NormSpec, row: Row): Row {
  const mean = kind === 'rms' ? 0 : row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value, column) => {
    const scaled = (value - mean) / Math.sqrt(variance + epsilon);
    return (
      scaled * (weight === undefined ? 1 : numbers(weight as WeightData)[column]!) +
      (bias === undefined ? 0 : numbers(bias as WeightData)[column]!)
    );
  });
}

function gateOf({ gate }: SublayerSpec): number {
  if (gate === undefined) return 1;
  const value = numbers(gate.weight as WeightData)[0]!;
  return gate.kind === 'tanh' ? Math.tanh(value) : 1 / (1 + Math.exp(-value));
}

function numbers(weight: WeightData): Float32Array {
  return weight.data;
}

function activate(name: string, x: number): number {
  switch (name) {
    case 'relu':
      return Math.max(0, x);
    case 'gelu_tanh':
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case 'quick_gelu':
      return x / (1 + Math.exp(-1.702 * x));
    case 'silu':
      return x / (1 + Math.exp(-x));
    default:
      throw new RangeError(`the reference has no ${name}`);
  }
}
