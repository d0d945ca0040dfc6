/** How well a model that writes from left to right predicts a text. Pure; knows no model. */
import { refuse } from '../../native/argument.ts';
import { countRows, type LogitRows, logProbability } from './token-likelihood.ts';

export interface WrittenLikelihood {
  /** Minus the mean of ln p(token | those before it). */
  readonly loss: number;
  /** exp(loss): between how many tokens the model wavers. */
  readonly perplexity: number;
  /** ln p of each token that counts, in order. */
  readonly tokens: readonly number[];
}

/**
 * The likelihood of a caption: row t of the logits, which has read tokens 0 to t, predicts token t + 1; the first token and
 * what is predicted after the last do not count. Throws `native/bad-argument`.
 */
export function captionLikelihood(logits: LogitRows, tokens: readonly number[]): WrittenLikelihood {
  return likelihood('captionLikelihood', logits, tokens, 1);
}

/**
 * The loss of a prefix language model (Wang et al., SimVLM, 2021, equation 3): the first `prefix` tokens are read, whichever
 * way, and only those after them are predicted:
 *   -1/(n - prefix) sum_{t >= prefix} ln p(x_t | x_<t)
 * Throws `native/bad-argument`.
 */
export function prefixLmLikelihood(logits: LogitRows, tokens: readonly number[], prefix: number): WrittenLikelihood {
  const operator = 'prefixLmLikelihood';
  if (!Number.isSafeInteger(prefix) || prefix < 1 || prefix >= tokens.length) {
    refuse(operator, 'prefix', `a whole number from 1 to ${tokens.length - 1}`, prefix);
  }
  return likelihood(operator, logits, tokens, prefix);
}

function likelihood(operator: string, logits: LogitRows, tokens: readonly number[], first: number): WrittenLikelihood {
  const rows = countRows(operator, logits);
  if (rows !== tokens.length) refuse(operator, 'tokens', `${rows}, one for each row of logits`, tokens.length);
  if (rows < 2) refuse(operator, 'tokens', 'at least 2', rows);
  const counted = tokens.slice(first).map((token, index) => logProbability(operator, logits, first - 1 + index, token));
  const loss = -counted.reduce((sum, one) => sum + one, 0) / counted.length;
  return { loss, perplexity: Math.exp(loss), tokens: counted };
}
