/**
 * Merged attention: the rows of picture and text side by side, read by one layer, so that each attends to both.
 *   [x; y] = [x; y] + Attention([x; y]),   [x; y] = [x; y] + FFN([x; y])
 * with norms before (ViLT, FLAVA) or after (VisualBERT) each half. Sources: Li et al., VisualBERT (2019); Kim et al., ViLT
 * (2021); the name is that of Dou et al., METER (2021).
 */
import { concat } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { ActivationName, StackSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { sliceRows } from '../blocks/rows.ts';
import { type LayerNames, transformerLayer } from '../blocks/transformer-layer.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { sidesOf } from './block-loader.ts';
import { hiddenOf } from './hidden-of.ts';

const QUERY = ['attention.self.query', 'attention.attention.query', 'self_attn.q_proj', 'self_attn.q', 'attn.q_proj'];
const FUSED = ['attn.qkv', 'attention.query_key_value', 'self_attn.qkv'];

/** What BERT, ViT, CLIP and timm call the parts of a layer. */
const LAYER: LayerNames = {
  attention: {
    query: QUERY,
    key: QUERY.map((name) => name.replace('query', 'key').replace(/\bq(_proj)?$/, 'k$1')),
    value: QUERY.map((name) => name.replace('query', 'value').replace(/\bq(_proj)?$/, 'v$1')),
  },
  attentionOutput: ['attention.output.dense', 'self_attn.out_proj', 'self_attn.o', 'attn.out_proj', 'attn.proj'],
  attentionNorm: ['attention.output.LayerNorm', 'layernorm_before', 'layer_norm1', 'norm1', 'ln_self', 'ln_1'],
  up: ['intermediate.dense', 'mlp.fc1', 'fc1', 'linear1'],
  down: ['output.dense', 'mlp.fc2', 'fc2', 'linear2'],
  feedForwardNorm: ['output.LayerNorm', 'layernorm_after', 'layer_norm2', 'norm2', 'ln_ff', 'ln_2'],
};

export interface MergedShape {
  /** How errors name it. */
  readonly name: string;
  readonly heads: number;
  readonly norms: 'before' | 'after';
  readonly activation: ActivationName;
  readonly epsilon: number;
}

/** One layer; its sizes are those of the weights. Throws `model/bad-weights`. */
export function mergedAttention(weights: WeightReader, shape: MergedShape): StackSpec {
  const names = suffixed(FUSED);
  const isFused = weights.has(names);
  const [, width = 0] = sidesOf(weights, isFused ? names : suffixed(QUERY), 2);
  const [inner = 0] = sidesOf(weights, suffixed(LAYER.up), 2);
  const layer = isFused ? { ...LAYER, attention: { fused: FUSED } } : LAYER;
  return {
    name: shape.name,
    width,
    layers: [transformerLayer(weights, layer, { ...shape, width, inner }, { norms: shape.norms })],
  };
}

/** Both inputs in one stack, and what became of each. */
export class MergedAttention {
  readonly width: number;
  readonly #stack: Stack;

  private constructor(stack: Stack) {
    this.#stack = stack;
    this.width = stack.width;
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: StackSpec, options: BuildOptions = {}): Promise<MergedAttention> {
    return new MergedAttention(await Stack.build(spec, options));
  }

  /** [batch, rows, width] each. Rejects as `Stack.run` does. */
  async run(first: Tensor, second: Tensor, signal?: AbortSignal): Promise<{ first: Tensor; second: Tensor }> {
    using both = await concat([first, second], 1, { signal });
    using read = await hiddenOf(this.#stack, both, { signal });
    const [one = 0, other = 0] = [first.shape[1], second.shape[1]];
    return { first: await sliceRows(read, 0, one, { signal }), second: await sliceRows(read, one, other, { signal }) };
  }
}

function suffixed(names: string | readonly string[]): string[] {
  return [names].flat().map((name) => `${name}.weight`);
}
