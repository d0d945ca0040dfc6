/**
 * What models of two towers have in common: a picture and a text become rows of one width, and their cosine tells how well
 * they fit. Types; families describe such models, pipelines make tasks of them.
 */
import type { LinearSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import { linear } from '../blocks/linear.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import type { PictureStack, Pictures } from './picture-tower.ts';
import type { TextStack } from './text-tower.ts';

/** How cosines become logits: scale * cosine + bias. */
export interface Similarity {
  /** exp(logit_scale), or one over the temperature. */
  readonly scale: number;
  /** Where there is one, every pair is judged alone, by a sigmoid (SigLIP); else texts compete, by a softmax. */
  readonly bias?: number;
}

/** What makes rows of the shared space from pictures: a tower, or a network of another kind. */
export interface PictureEncoder {
  /** Bytes of packed weights. */
  readonly bytes: number;
  /** float32 [batch, dim], as projected. */
  embed(pictures: Pictures, options?: { readonly signal?: AbortSignal | undefined }): Promise<Tensor>;
  /** float32 [batch, rows, width] after the last layer and its norm, where the network has such rows. */
  rows?(pictures: Pictures, options?: { readonly signal?: AbortSignal | undefined }): Promise<Tensor>;
  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void;
}

export interface DualEncoderStacks {
  readonly vision: PictureStack;
  readonly text: TextStack;
  /** Width of the shared space. */
  readonly dim: number;
  readonly similarity: Similarity;
}

/** What the towers' heads give: rows of the shared space, or what is read off the towers before their projections. */
export type Heads = 'projected' | 'pooled';

/** The projection of a tower of some width, where heads ask for one. */
export type Projection = ((width: number) => LinearSpec) | undefined;

/** NAME.weight [dim, width] without bias. */
export function projection(weights: WeightReader, name: string, dim: number, heads: Heads): Projection {
  if (heads === 'pooled') return undefined;
  return (width) => linear(weights, name, { inputs: width, outputs: dim, bias: false });
}

/** exp(logit_scale), stored as the logarithm. */
export async function storedScale(weights: WeightReader): Promise<number> {
  const [logarithm = 0] = await weights.floats('logit_scale', []);
  return Math.exp(logarithm);
}
