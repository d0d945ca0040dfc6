/**
 * What changes the scores of the next token before a strategy chooses, in transformers' order: repetition penalty, n-gram
 * blocking, least length, forced tokens, suppressed tokens. Functions of one row of scores and the text before it; a row is
 * changed in place, and -Infinity stands for a token that cannot be chosen.
 */
import type { DecodingPlan, ProcessorSettings } from './settings.ts';

/** Logits, or log-probabilities of beams [vocabulary]; the text is the prompt, its padding included, and what was written. */
export type Processor = (scores: Float32Array, text: readonly number[]) => void;

export interface TextLimits {
  readonly promptLength: number;
  readonly maxNewTokens: number;
  readonly endIds: readonly number[];
}

export type ProcessorRules = ProcessorSettings & Pick<DecodingPlan, 'minLength' | 'forcedFirst' | 'forcedLast'>;

const NEVER = Number.NEGATIVE_INFINITY;

export function processorsOf(rules: ProcessorRules, limits: TextLimits): readonly Processor[] {
  const { repetitionPenalty = 1, noRepeatNgram = 0, forcedFirst, forcedLast, suppressed = [] } = rules;
  const { promptLength, maxNewTokens, endIds } = limits;
  const least = Math.max(rules.minLength ?? 0, promptLength + (rules.minTokens ?? 0));
  const begin = promptLength > 1 || forcedFirst === undefined ? promptLength : promptLength + 1;
  const suppressedFirst = rules.suppressedFirst ?? [];
  const all: readonly (readonly [needed: boolean, processor: Processor])[] = [
    [repetitionPenalty !== 1, (scores, text) => penaliseRepetition(scores, text, repetitionPenalty)],
    [noRepeatNgram > 0, (scores, text) => blockNgrams(scores, text, noRepeatNgram)],
    [least > promptLength, (scores, text) => suppress(scores, text.length < least ? endIds : [])],
    [forcedFirst !== undefined, (scores, text) => force(scores, text.length === 1 ? [forcedFirst!] : [])],
    [
      forcedLast !== undefined,
      (scores, text) => force(scores, text.length === promptLength + maxNewTokens - 1 ? forcedLast! : []),
    ],
    [suppressed.length > 0, (scores) => suppress(scores, suppressed)],
    [suppressedFirst.length > 0, (scores, text) => suppress(scores, text.length === begin ? suppressedFirst : [])],
  ];
  return all.filter(([needed]) => needed).map(([, processor]) => processor);
}

/** Scores above 0 are divided, others multiplied, once for each token of the text. */
function penaliseRepetition(scores: Float32Array, text: readonly number[], penalty: number): void {
  for (const token of new Set(text)) {
    const score = scores[token];
    if (score !== undefined) scores[token] = score < 0 ? score * penalty : score / penalty;
  }
}

/** Tokens go that would repeat a run of `size` tokens. */
function blockNgrams(scores: Float32Array, text: readonly number[], size: number): void {
  const last = text.length - size + 1;
  for (let start = 0; start < last; start += 1) {
    let same = 0;
    while (same < size - 1 && text[start + same] === text[last + same]) same += 1;
    const token = text[start + size - 1]!;
    if (same === size - 1 && token < scores.length) scores[token] = NEVER;
  }
}

function suppress(scores: Float32Array, tokens: readonly number[]): void {
  for (const token of tokens) {
    if (token < scores.length) scores[token] = NEVER;
  }
}

/** Only these tokens stay, each with score 0; all stay as they are where none is forced. */
function force(scores: Float32Array, tokens: readonly number[]): void {
  if (tokens.length === 0) return;
  scores.fill(NEVER);
  for (const token of tokens) {
    if (token < scores.length) scores[token] = 0;
  }
}
