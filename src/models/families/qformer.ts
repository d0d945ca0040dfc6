/**
 * BLIP-2's Q-Former: learned queries look at a picture. Queries, a text, or both side by side pass the same
 * self-attention; only queries attend to the picture, in some layers, and each kind has a feed-forward network of its own.
 * Source: Li et al., BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image Encoders and Large Language Models
 * (2023).
 */
import type { HeadSpec, StackSpec, SublayerSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import { type LayerNames, readEncoderShape, transformerLayers } from '../blocks/transformer-layer.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

const SHAPE = { width: 768, layers: 12, heads: 12, inner: 3072, activation: 'gelu', epsilon: 1e-12 };

const TEXT: LayerNames = {
  attention: {
    query: 'attention.attention.query',
    key: 'attention.attention.key',
    value: 'attention.attention.value',
  },
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  feedForwardNorm: 'output.LayerNorm',
};

const QUERIES: LayerNames = {
  ...TEXT,
  up: 'intermediate_query.dense',
  down: 'output_query.dense',
  feedForwardNorm: 'output_query.LayerNorm',
  cross: {
    query: 'crossattention.attention.query',
    keyValue: { key: 'crossattention.attention.key', value: 'crossattention.attention.value' },
    output: 'crossattention.output.dense',
    norm: 'crossattention.output.LayerNorm',
  },
};

/** Transformers keeps it in float32 whatever the rest has: all that is told about a picture passes its few rows. */
export const QFORMER_PRECISION = 'fp32' as const;

export interface QFormer {
  readonly width: number;
  /** Learned queries; ids 0, 1, 2, … of the stack below. */
  readonly queries: number;
  /** The queries alone, the picture as their memory. */
  readonly queryStack: (head: HeadSpec) => StackSpec;
  /** A text alone. */
  readonly textStack: (head: HeadSpec) => TextStack;
  /** Both, layer by layer: what passes together and what passes apart. */
  readonly jointStacks: (head: HeadSpec) => JointStacks;
}

export interface JointStacks {
  /** The queries, normalised, as rows. */
  readonly queryRows: StackSpec;
  /** A text's words, placed and normalised, as rows. */
  readonly textRows: TextStack;
  readonly layers: readonly {
    /** Self-attention over queries and text. */
    readonly together: StackSpec;
    /** Attention to the picture, where the layer has one, and the queries' network; the last one has the head. */
    readonly queries: StackSpec;
    readonly text: StackSpec;
  }[];
}

/**
 * @param root where `query_tokens`, `qformer.` and, for texts, `embeddings.` lie
 * Rejects with `input/bad-file`; throws `model/bad-config`, `model/unsupported`.
 */
export async function qFormer(config: ConfigReader, root: WeightReader, queries: number): Promise<QFormer> {
  const shape = readEncoderShape(config, SHAPE);
  const { width, epsilon } = shape;
  const weights = root.below('qformer.');
  const memoryWidth = config.count('encoder_hidden_size', 1408);
  const frequency = config.count('cross_attention_frequency', 2);
  const norm = layerNorm(weights, 'layernorm', width, epsilon);
  const tokens = { data: await root.floats('query_tokens', [1, queries, width]), shape: [queries, width] };
  const layers = (names: LayerNames) =>
    transformerLayers(weights, ['encoder.layer.'], names, shape, (layer) => ({
      norms: 'after',
      ...(layer % frequency === 0 ? { memoryWidth } : {}),
    }));
  const spec = (part: string, more: Partial<StackSpec>): StackSpec => ({
    name: `${config.model} (${part})`,
    width,
    layers: [],
    ...more,
  });
  const words = () => {
    const positions = root.take('embeddings.position_embeddings.weight', [
      config.count('max_position_embeddings', 512),
      width,
    ]);
    const vocabulary = config.count('vocab_size', 30_522);
    return { tokens: root.take('embeddings.word_embeddings.weight', [vocabulary, width]), positions, norm };
  };
  const textStack = (more: Partial<StackSpec>): TextStack => {
    const read = words();
    return { positions: read.positions.shape[0]!, spec: spec('text', { tokens: read, ...more }) };
  };
  return {
    width,
    queries,
    queryStack: (head) => spec('queries', { tokens: { tokens, norm }, layers: layers(QUERIES), head }),
    textStack: (head) => textStack({ layers: layers(TEXT), head }),
    jointStacks: (head) => ({
      queryRows: spec('queries', { tokens: { tokens, norm } }),
      textRows: textStack({}),
      layers: jointLayers(layers(QUERIES), layers(TEXT), spec, head),
    }),
  };
}

function jointLayers(
  queries: readonly (readonly SublayerSpec[])[],
  texts: readonly (readonly SublayerSpec[])[],
  spec: (part: string, more: Partial<StackSpec>) => StackSpec,
  head: HeadSpec,
): JointStacks['layers'] {
  return queries.map(([attention, ...apart], layer) => ({
    together: spec(`layer ${layer}`, { layers: [[attention!]] }),
    queries: spec(`queries, layer ${layer}`, {
      layers: [apart],
      ...(layer === queries.length - 1 ? { head } : {}),
    }),
    text: spec(`text, layer ${layer}`, { layers: [texts[layer]!.slice(1)] }),
  }));
}
