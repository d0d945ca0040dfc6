/** What MaGiC has to compute, by what a caption needed. Attention is left out: texts are short. */
import { CLIP_TEXT_ENCODER, GPT2_SMALL, type TransformerShape } from '../models/transformer.ts';
import { CANDIDATES, type Caption } from './captioner.ts';

const VOCABULARY = 50_257;
const PROJECTION = 512;

function weightsOfLayers({ layers, width, inner }: TransformerShape): number {
  return layers * (4 * width ** 2 + 2 * width * inner);
}

const HEAD = VOCABULARY * GPT2_SMALL.width;
const ROW = 2 * weightsOfLayers(GPT2_SMALL);
const TEXT_ROW = 2 * weightsOfLayers(CLIP_TEXT_ENCODER);
const TEXT_END = 2 * CLIP_TEXT_ENCODER.width * PROJECTION;

export function languageBytes(precision: 'fp32' | 'int8', part: 'layers' | 'head' | 'both' = 'both'): number {
  const weights = (part === 'head' ? 0 : weightsOfLayers(GPT2_SMALL)) + (part === 'layers' ? 0 : HEAD);
  return weights * (precision === 'fp32' ? 4 : 1);
}

/** Of the fast path: candidates that are read at each step, operations of one of them, of all texts. */
export function fastOperations({ steps, textRows }: Caption) {
  const counts = steps.map(({ penalties }) => penalties.filter((penalty) => penalty !== null).length);
  const ends = steps.reduce((sum, { texts }) => sum + new Set(texts).size, 0);
  return { rows: { each: ROW, counts }, texts: textRows * TEXT_ROW + ends * TEXT_END };
}

/** All candidates through the language model and its head, every text whole, padding included. */
export function publishedOperations({ steps, textLengths }: Caption): number {
  const texts = textLengths().reduce((sum, length) => sum + length, 0) * CANDIDATES;
  const ends = steps.length * CANDIDATES;
  return steps.length * CANDIDATES * (ROW + 2 * HEAD) + texts * TEXT_ROW + ends * TEXT_END;
}
