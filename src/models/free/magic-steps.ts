/**
 * MaGiC, step by step: contrastive search whose candidates gain by how well the text with them fits a picture,
 *   (1 - alpha) p(v) - alpha max cos(h_v, h_j) + beta softmax(scale * cos(picture, text with v))
 * over the candidates v. Source: Su et al., Language Models Can See: Plugging Visual Controls in Text Generation (2022),
 * equations 2 and 3. Knows neither models nor tokenizers.
 */
import type { CandidateSteps } from '../decoding/candidate-steps.ts';
import { type ContrastiveStep, contrastiveSteps } from '../decoding/contrastive.ts';
import { MAGIC_TEXT_TOKENS, type MagicRule } from './magic-rule.ts';
import type { TextFit } from './text-fit.ts';

export interface MagicOptions extends MagicRule {
  /** Uses them up. */
  readonly steps: CandidateSteps;
  /** What the language model begins with; no part of the text. */
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
  readonly endIds: readonly number[];
  /** For each of the next tokens the text of the tokens and it. */
  readonly continuations: (ids: readonly number[], next: readonly number[]) => readonly string[];
  readonly fit: TextFit;
  /** exp(logit_scale) of the model that compares. */
  readonly scale: number;
  /** Tokens of the text that are compared, from its end. */
  readonly textTokens?: number;
  /**
   * `fast` stops at an end token and leaves out of the language model whoever can no longer win. `reference` does neither, as
   * the authors' program: the tokens up to the first end are the same.
   */
  readonly mode?: 'fast' | 'reference';
  readonly signal?: AbortSignal | undefined;
}

/** Arrays in the order of `candidates`. */
export interface MagicStep extends ContrastiveStep {
  /** What was compared with the picture. */
  readonly texts: readonly string[];
  /** Between the picture and the text with each candidate. */
  readonly cosines: readonly number[];
  /** Their softmax. */
  readonly magic: readonly number[];
}

/** Throws as `contrastiveSteps` and the models do; `native/not-finite` for cosines that are no numbers. */
export async function* magicSteps(options: MagicOptions): AsyncGenerator<MagicStep, void> {
  const { steps, prompt, k, alpha, beta, maxNewTokens, endIds, continuations, fit, scale, signal } = options;
  const { textTokens = MAGIC_TEXT_TOKENS, mode = 'fast' } = options;
  let seen: Pick<MagicStep, 'texts' | 'cosines' | 'magic'> = { texts: [], cosines: [], magic: [] };
  const bonus = async (candidates: readonly number[], written: readonly number[]) => {
    const texts = continuations(lastOf(written, textTokens - 1), candidates);
    const cosines = await fit.cosines(texts, signal);
    const magic = softmax(cosines.map((cosine) => scale * cosine));
    seen = { texts, cosines, magic };
    return magic.map((share) => beta * share);
  };
  const isFast = mode === 'fast';
  const search = { k, alpha, maxNewTokens, endIds: isFast ? endIds : [], prune: isFast, bonus, signal };
  try {
    for await (const step of contrastiveSteps(steps, prompt, search)) yield { ...step, ...seen };
  } finally {
    fit.release();
  }
}

function lastOf(ids: readonly number[], count: number): readonly number[] {
  return count > 0 ? ids.slice(-count) : [];
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
