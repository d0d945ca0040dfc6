/**
 * Contrastive search: among the k likeliest tokens v, takes the one with the largest
 *   (1 - alpha) p(v) - alpha max cos(h_v, h_j) + bonus(v),
 * where h_j are the states of all tokens before. Without a bonus it is SimCTG's; MaGiC's is how well the text with v fits a
 * picture. Sources: Su et al., A Contrastive Framework for Neural Text Generation (2022), equation 5; Su et al., Language
 * Models Can See (2022), equation 2. Knows no model, only steps.
 */
import { WeftError } from '../../errors.ts';
import type { CandidateSteps } from './candidate-steps.ts';
import { type LikeliestTokens, likeliest } from './likeliest.ts';
import type { Processor } from './processors.ts';

export interface ContrastiveOptions {
  /** Most candidates of a step: fewer where processors leave fewer. */
  readonly k: number;
  /** What sameness costs: 0 is greedy search, 1 ignores the language model. */
  readonly alpha: number;
  readonly maxNewTokens: number;
  /** Tokens that end the text; it goes on after them when left out. */
  readonly endIds?: readonly number[];
  /**
   * Leave out of the model whoever can no longer win, as the cosine lies within -1 and 1 (default). `false` compares all,
   * as the paper does. The tokens are the same.
   */
  readonly prune?: boolean;
  /** Added to the candidates' scores; called once a step, before the model reads them. */
  readonly bonus?: (candidates: readonly number[], written: readonly number[]) => Promise<ArrayLike<number>>;
  /** Change the logits before candidates are taken. */
  readonly processors?: readonly Processor[];
  readonly signal?: AbortSignal | undefined;
}

/** Arrays in the order of `candidates`, likeliest first. */
export interface ContrastiveStep {
  readonly candidates: readonly number[];
  readonly probabilities: readonly number[];
  /** Null where the model did not read the candidate. */
  readonly penalties: readonly (number | null)[];
  /** Where the penalty is null: the most that it could have been. */
  readonly scores: readonly number[];
  /** Which of the candidates was taken. */
  readonly chosen: number;
}

/** Rounding of a cosine: it may leave [-1, 1] by so much. */
const SLACK = 1e-5;

/**
 * Step by step, until an end token or `maxNewTokens`. Uses the steps up: they are released whatever happens, also where the
 * caller stops. Throws `model/bad-input` for a k beyond the vocabulary and for a text that does not fit, `native/not-finite`,
 * `run/cancelled`.
 */
export async function* contrastiveSteps(
  steps: CandidateSteps,
  prompt: readonly number[],
  options: ContrastiveOptions,
): AsyncGenerator<ContrastiveStep, void> {
  const { k, maxNewTokens, endIds = [], processors = [], signal } = options;
  try {
    checkRoom(steps, prompt, maxNewTokens);
    const written: number[] = [];
    let logits = await steps.begin(prompt, signal);
    for (let count = 1; ; count += 1) {
      for (const process of processors) process(logits, [...prompt, ...written]);
      const { tokens, probabilities } = allowed(logits, likeliest(logits, k, steps.name));
      const isDone = (token: number) => count === maxNewTokens || endIds.includes(token);
      const { compared, ...step } = await weigh(steps, { tokens, probabilities, written, isDone }, options);
      yield step;
      const token = tokens[step.chosen]!;
      written.push(token);
      if (isDone(token)) return;
      logits = await steps.take(compared.indexOf(step.chosen), signal);
    }
  } finally {
    steps.release();
  }
}

/** Prompt and text together. As `contrastiveSteps`. */
export async function contrastiveSearch(
  steps: CandidateSteps,
  prompt: readonly number[],
  { onToken, ...options }: ContrastiveOptions & { readonly onToken?: (token: number) => void },
): Promise<number[]> {
  const ids = [...prompt];
  for await (const { candidates, chosen } of contrastiveSteps(steps, prompt, options)) {
    ids.push(candidates[chosen]!);
    onToken?.(candidates[chosen]!);
  }
  return ids;
}

/** Fewer than k may be left by the processors; a token that cannot be chosen must not win by a lower penalty. */
function allowed(logits: Float32Array, { tokens, probabilities }: LikeliestTokens): LikeliestTokens {
  const left = tokens.filter((token) => logits[token] !== Number.NEGATIVE_INFINITY);
  // Likeliest first: those that cannot be chosen stand last.
  return { tokens: left, probabilities: probabilities.slice(0, left.length) };
}

interface Choice {
  readonly tokens: readonly number[];
  readonly probabilities: readonly number[];
  readonly written: readonly number[];
  /** Nothing is read after this token. */
  readonly isDone: (token: number) => boolean;
}

async function weigh(
  steps: CandidateSteps,
  { tokens, probabilities, written, isDone }: Choice,
  { alpha, prune = true, bonus, signal }: ContrastiveOptions,
): Promise<ContrastiveStep & { readonly compared: readonly number[] }> {
  const bonuses = (await bonus?.(tokens, written)) ?? [];
  if (!Array.from(bonuses).every(Number.isFinite)) {
    const reason = 'what candidates gain beside their probability holds NaN or infinite numbers';
    throw new WeftError('native/not-finite', { operator: steps.name, reason });
  }
  const scored = (place: number, penalty: number) =>
    (1 - alpha) * probabilities[place]! - alpha * penalty + (bonuses[place] ?? 0);
  const places = tokens.map((_, place) => place);
  const left = prune ? contenders(places, scored) : places;
  const isDecided = prune && left.length === 1 && isDone(tokens[left[0]!]!);
  const compared = isDecided ? [] : left;
  const cosines =
    compared.length === 0
      ? []
      : await steps.compare(
          compared.map((place) => tokens[place]!),
          signal,
        );
  const penalties = places.map<number | null>(() => null);
  for (const [index, place] of compared.entries()) penalties[place] = cosines[index]!;
  const scores = places.map((place) => scored(place, penalties[place] ?? -1));
  const chosen = left.reduce((best, place) => (scores[place]! > scores[best]! ? place : best));
  return { candidates: tokens, probabilities, penalties, scores, chosen, compared };
}

/** Those whose score at the least penalty reaches the best score that is certain. */
function contenders(places: readonly number[], scored: (place: number, penalty: number) => number): number[] {
  const certain = Math.max(...places.map((place) => scored(place, 1 + SLACK)));
  return places.filter((place) => scored(place, -1 - SLACK) >= certain);
}

/** The last token is read, too: it is compared before it is taken. */
function checkRoom({ name, positions }: CandidateSteps, prompt: readonly number[], maxNewTokens: number): void {
  const isWhole = Number.isSafeInteger(maxNewTokens) && maxNewTokens >= 1;
  if (isWhole && prompt.length + maxNewTokens <= positions) return;
  throw new WeftError('model/bad-input', {
    model: name,
    input: 'input_ids',
    expected: `a prompt that fits into ${positions} tokens with what is written, at least one token,`,
    received: `${prompt.length} tokens and ${maxNewTokens} new ones`,
  });
}
