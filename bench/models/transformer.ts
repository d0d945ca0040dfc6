/**
 * Transformers of published shapes with random weights: what our stack, ONNX Runtime and PyTorch are all built from, so
 * that they compute the same. Types and weights only; who builds what is elsewhere.
 */
import { randomUniform } from './random.ts';

export type Activation = 'gelu' | 'gelu_tanh' | 'quick_gelu';

export interface TransformerShape {
  readonly name: string;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** Inner width of the feed-forward. */
  readonly inner: number;
  readonly activation: Activation;
  readonly epsilon: number;
  readonly causal: boolean;
  /** Norms before the sublayers and a last one after them, else behind each. */
  readonly normFirst: boolean;
  readonly embedding:
    | { readonly kind: 'patches'; readonly patch: number; readonly picture: number }
    | { readonly kind: 'tokens'; readonly vocabulary: number; readonly positions: number; readonly segments: number };
  /** A norm right after the embedding. */
  readonly embeddingNorm: boolean;
  /**
   * `hidden`: all rows. `projection`: one row, normalised, times a matrix without bias. `vocabulary`: the last row,
   * normalised, times the token table.
   */
  readonly output:
    | { readonly kind: 'hidden' }
    | { readonly kind: 'projection'; readonly row: 'first' | 'last'; readonly size: number }
    | { readonly kind: 'vocabulary' };
}

export interface Weight {
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/**
 * `tokens`, `segments`, `patches`, `class`, `positions`, `embeddingNorm.*`, `layers.N.{norm1,norm2,qkv,output,up,down}.*`,
 * `norm.*`, `projection`; matrices are [outputs, inputs].
 */
export type Weights = ReadonlyMap<string, Weight>;

/** CLIP's image encoders (Radford et al. 2021; openai/clip-vit-base-patch32, -patch16). */
export function clipImageEncoder(patch: 16 | 32): TransformerShape {
  return {
    name: `CLIP ViT-B/${patch}`,
    width: 768,
    heads: 12,
    layers: 12,
    inner: 3072,
    activation: 'quick_gelu',
    epsilon: 1e-5,
    causal: false,
    normFirst: true,
    embedding: { kind: 'patches', patch, picture: 224 },
    embeddingNorm: true,
    output: { kind: 'projection', row: 'first', size: 512 },
  };
}

/** CLIP's text encoder; the last token is the one that is read. */
export const CLIP_TEXT_ENCODER: TransformerShape = {
  name: 'CLIP text tower',
  width: 512,
  heads: 8,
  layers: 12,
  inner: 2048,
  activation: 'quick_gelu',
  epsilon: 1e-5,
  causal: true,
  normFirst: true,
  embedding: { kind: 'tokens', vocabulary: 49408, positions: 77, segments: 0 },
  embeddingNorm: false,
  output: { kind: 'projection', row: 'last', size: 512 },
};

/** Devlin et al. 2019; bert-base-uncased. */
export const BERT_BASE: TransformerShape = {
  name: 'BERT-base',
  width: 768,
  heads: 12,
  layers: 12,
  inner: 3072,
  activation: 'gelu',
  epsilon: 1e-12,
  causal: false,
  normFirst: false,
  embedding: { kind: 'tokens', vocabulary: 30522, positions: 512, segments: 2 },
  embeddingNorm: true,
  output: { kind: 'hidden' },
};

/** Radford et al. 2019; gpt2. */
export const GPT2_SMALL: TransformerShape = {
  name: 'GPT-2 small',
  width: 768,
  heads: 12,
  layers: 12,
  inner: 3072,
  activation: 'gelu_tanh',
  epsilon: 1e-5,
  causal: true,
  normFirst: true,
  embedding: { kind: 'tokens', vocabulary: 50257, positions: 1024, segments: 0 },
  embeddingNorm: false,
  output: { kind: 'vocabulary' },
};

/** Rows of an item of a picture encoder: the class token and the patches. */
export function pictureRows({ patch, picture }: { readonly patch: number; readonly picture: number }): number {
  return 1 + (picture / patch) ** 2;
}

/** Repeatable; scaled so that activations keep their size through the layers. */
export function randomWeights(shape: TransformerShape): Weights {
  const weights = new Map<string, Weight>();
  let seed = 0;
  const add = (name: string, sizes: readonly number[], most: number, centre = 0) => {
    const count = sizes.reduce((product, size) => product * size, 1);
    seed += 1;
    weights.set(name, { data: randomUniform(seed, count, most, centre), shape: sizes });
  };
  const norm = (name: string) => {
    add(`${name}.weight`, [shape.width], 0.2, 1);
    add(`${name}.bias`, [shape.width], 0.1);
  };
  const linear = (name: string, outputs: number, inputs: number) => {
    // Uniform in +-sqrt(3 / inputs) has a variance of 1 / inputs.
    add(`${name}.weight`, [outputs, inputs], Math.sqrt(3 / inputs));
    add(`${name}.bias`, [outputs], 0.05);
  };
  const { width, embedding, output } = shape;
  if (embedding.kind === 'patches') {
    const inputs = 3 * embedding.patch ** 2;
    add('patches', [width, 3, embedding.patch, embedding.patch], Math.sqrt(3 / inputs));
    add('class', [width], 0.5);
    add('positions', [pictureRows(embedding), width], 0.1);
  } else {
    add('tokens', [embedding.vocabulary, width], 0.1);
    add('positions', [embedding.positions, width], 0.05);
    if (embedding.segments > 0) add('segments', [embedding.segments, width], 0.05);
  }
  if (shape.embeddingNorm) norm('embeddingNorm');
  for (let layer = 0; layer < shape.layers; layer += 1) {
    const inside = (name: string) => `layers.${layer}.${name}`;
    norm(inside('norm1'));
    linear(inside('qkv'), 3 * width, width);
    linear(inside('output'), width, width);
    norm(inside('norm2'));
    linear(inside('up'), shape.inner, width);
    linear(inside('down'), width, shape.inner);
  }
  if (shape.normFirst) norm('norm');
  if (output.kind === 'projection') add('projection', [output.size, width], Math.sqrt(3 / width));
  return weights;
}

/** Bytes of the weights that every token reads: all matrices, the token table only where it is the output. */
export function bytesPerToken(shape: TransformerShape, bytesPerWeight: number): number {
  const matrices = shape.layers * (4 * shape.width ** 2 + 2 * shape.width * shape.inner);
  const { embedding, output } = shape;
  const table = output.kind === 'vocabulary' && embedding.kind === 'tokens' ? embedding.vocabulary * shape.width : 0;
  const projection = output.kind === 'projection' ? output.size * shape.width : 0;
  return bytesPerWeight * (matrices + table + projection);
}

/** Multiplications and additions of the matrix products of `batch` items of `rows` rows. */
export function operationsOf(shape: TransformerShape, batch: number, rows: number): number {
  const { width, inner, embedding, output } = shape;
  const perRow = shape.layers * (4 * width ** 2 + 2 * width * inner);
  // Half of the scores and their products with the values, where no row sees a later one.
  const seen = shape.causal ? (rows * (rows + 1)) / 2 : rows ** 2;
  const attention = shape.layers * 2 * seen * width;
  const patches = embedding.kind === 'patches' ? (rows - 1) * 3 * embedding.patch ** 2 * width : 0;
  const read = output.kind === 'projection' ? output.size * width : 0;
  const table = output.kind === 'vocabulary' && embedding.kind === 'tokens' ? embedding.vocabulary * width : 0;
  return 2 * batch * (rows * perRow + attention + patches + read + table);
}
