/**
 * What a batch of pairs costs a model of two towers: picture i belongs to text i and to no other. In double precision; pure,
 * knows no model.
 */
import { refuse } from '../../native/argument.ts';

export interface Pairs {
  /** float32 [dim] each, of any length but zero: they are scaled to length 1. */
  readonly images: readonly Float32Array[];
  readonly texts: readonly Float32Array[];
}

export interface ContrastiveLoss {
  /** The mean of the two. */
  readonly loss: number;
  /** Cross entropy of the texts for each picture, and of the pictures for each text. */
  readonly imageToText: number;
  readonly textToImage: number;
}

/**
 * InfoNCE in both directions (Radford et al., CLIP, 2021, figure 3), with s = scale:
 *   imageToText = -1/n sum_i ln(exp(s cos(i, i)) / sum_j exp(s cos(i, j)))
 * textToImage with rows and columns exchanged. Throws `native/bad-argument`.
 */
export function contrastiveLoss(pairs: Pairs, { scale }: { readonly scale: number }): ContrastiveLoss {
  const logits = cosines('contrastiveLoss', pairs).map((row) => row.map((cosine) => scale * cosine));
  const columns = logits.map((_, column) => logits.map((row) => row[column]!));
  const imageToText = meanCrossEntropy(logits);
  const textToImage = meanCrossEntropy(columns);
  return { loss: (imageToText + textToImage) / 2, imageToText, textToImage };
}

/**
 * The sigmoid loss (Zhai et al., SigLIP, 2023, equation 1), z = 1 for pairs and -1 for all others:
 *   1/n sum_ij ln(1 + exp(-z_ij (scale cos(i, j) + bias)))
 * Throws `native/bad-argument`.
 */
export function sigmoidLoss(pairs: Pairs, { scale, bias }: { readonly scale: number; readonly bias: number }): number {
  const rows = cosines('sigmoidLoss', pairs);
  let sum = 0;
  for (const [image, row] of rows.entries()) {
    for (const [text, cosine] of row.entries()) sum += softplus((image === text ? -1 : 1) * (scale * cosine + bias));
  }
  return sum / rows.length;
}

/** [images][texts]. */
function cosines(operator: string, { images, texts }: Pairs): number[][] {
  if (images.length === 0 || images.length !== texts.length) {
    refuse(operator, 'texts', `as many as there are images, ${images.length}, at least 1`, texts.length);
  }
  const dim = images[0]!.length;
  const unit = (name: string, row: Float32Array): Float64Array => {
    const length = Math.hypot(...row);
    if (row.length !== dim) refuse(operator, name, `rows of ${dim} numbers`, row.length);
    if (!(length > 0 && length < Number.POSITIVE_INFINITY))
      refuse(operator, name, 'rows of finite length above 0', length);
    return Float64Array.from(row, (value) => value / length);
  };
  const pictures = images.map((row) => unit('images', row));
  const captions = texts.map((row) => unit('texts', row));
  return pictures.map((picture) => captions.map((caption) => dot(picture, caption)));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

/** Of square logits whose right answers are on the diagonal. */
function meanCrossEntropy(rows: readonly (readonly number[])[]): number {
  const costs = rows.map((row, right) => {
    const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    return largest + Math.log(total) - row[right]!;
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / rows.length;
}

/** ln(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
