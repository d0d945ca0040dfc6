/**
 * Character and word error rate of texts that were read (OCR) or heard: edits that make the candidates of the references,
 * divided by the length of the references; of a corpus, all edits by all lengths. More than 1 where too much was read.
 * Characters are code points, words what stands between white space; letter case and punctuation count. Must not normalise:
 * callers do, as their benchmark says.
 */
import { WeftError } from '../errors.ts';
import { editDistance } from './edit-distance.ts';

export interface ReadText {
  readonly candidate: string;
  readonly reference: string;
}

/** CER. Throws `metric/bad-input` where there is no reference character. */
export function characterErrorRate(texts: readonly ReadText[]): number {
  return errorRate('CER', texts, (text) => [...text]);
}

/** WER. Throws `metric/bad-input` where there is no reference word. */
export function wordErrorRate(texts: readonly ReadText[]): number {
  return errorRate('WER', texts, (text) => text.split(/\s+/u).filter((word) => word !== ''));
}

function errorRate(metric: string, texts: readonly ReadText[], split: (text: string) => readonly string[]): number {
  let edits = 0;
  let length = 0;
  for (const { candidate, reference } of texts) {
    const expected = split(reference);
    edits += editDistance(expected, split(candidate));
    length += expected.length;
  }
  if (length > 0) return edits / length;
  throw new WeftError('metric/bad-input', { metric, expected: 'a reference that is not empty', received: 'none' });
}
