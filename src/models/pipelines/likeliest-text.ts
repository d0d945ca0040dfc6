/** Which text of a closed list a model would write: VQA's answer lists, labels for a captioner. Knows no family. */
import type { ScoresValue } from '../../protocol/value.ts';
import { scoreTexts } from '../decoding/score-texts.ts';
import type { DecodingSteps } from '../decoding/steps.ts';
import { rankedScores } from './ranking.ts';

interface Choice {
  /** Used up. */
  readonly steps: DecodingSteps;
  readonly prompt: readonly number[];
  /** Tokens of each text, with the one that ends it. */
  readonly texts: readonly (readonly number[])[];
  readonly names: readonly string[];
  readonly subject?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Softmax over the texts' log-likelihoods, best first. Rejects as `scoreTexts`. */
export async function likeliestText({ steps, prompt, texts, names, subject, signal }: Choice): Promise<ScoresValue> {
  const scores = await scoreTexts(steps, prompt, texts, { signal });
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((all, power) => all + power, 0);
  return rankedScores(
    Float32Array.from(powers, (power) => power / sum),
    names,
    subject,
  );
}
