/** How well a model fills in tokens that were hidden from it. Pure; knows no model. */
import { refuse } from '../../native/argument.ts';
import { countRows, type LogitRows, logProbability } from './token-likelihood.ts';

/** A place whose token was not hidden, as transformers marks it. */
export const NOT_MASKED = -100;

export interface MaskedLikelihood {
  /** Sum over the hidden tokens of ln p(token | all that is seen). */
  readonly logLikelihood: number;
  /** The loss of masked language modelling: minus the mean; NaN where nothing is hidden, as in PyTorch. */
  readonly loss: number;
  /** ln p of each hidden token, in order. */
  readonly tokens: readonly number[];
}

/**
 * Masked language modelling (Devlin et al., BERT, 2018).
 * @param labels the right token of each row of logits, NOT_MASKED where it does not count
 * Throws `native/bad-argument`.
 */
export function maskedLikelihood(logits: LogitRows, labels: readonly number[]): MaskedLikelihood {
  const operator = 'maskedLikelihood';
  const rows = countRows(operator, logits);
  if (labels.length !== rows) refuse(operator, 'labels', `${rows}, one for each row of logits`, labels.length);
  const tokens = labels.flatMap((label, row) =>
    label === NOT_MASKED ? [] : [logProbability(operator, logits, row, label)],
  );
  const logLikelihood = tokens.reduce((sum, one) => sum + one, 0);
  return { logLikelihood, loss: -logLikelihood / tokens.length, tokens };
}
