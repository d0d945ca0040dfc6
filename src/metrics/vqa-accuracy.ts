/**
 * Accuracy of answers to questions about pictures, as the evaluation of VQA has it: an answer is right as far as three people
 * gave it, min(matches / 3, 1), on average over all ways of leaving one person out.
 * Source: Antol et al., VQA: Visual Question Answering (2015), section 3; Goyal et al., Making the V in VQA Matter (2017).
 */
import { type CorpusScore, checkReferences, meanOf, type ScoredCaption } from './scored-caption.ts';
import { normalizeAnswer, trimAnswer } from './vqa-answer.ts';

/** How many people must agree. */
const ENOUGH = 3;

/** References are the people's answers, ten of them in VQA. Throws `metric/bad-input`. */
export function vqaAccuracy(answers: readonly ScoredCaption[]): CorpusScore {
  checkReferences('VQA accuracy', answers);
  return meanOf(answers.map(accuracy));
}

/** Answers are normalised only where people differ: so does the evaluation. */
function accuracy({ candidate, references }: ScoredCaption): number {
  const given = references.map(trimAnswer);
  const normalize = new Set(given).size > 1 ? normalizeAnswer : trimAnswer;
  const answer = normalize(candidate);
  const agrees = given.map((reference) => normalize(reference) === answer);
  const matches = agrees.filter(Boolean).length;
  const each = agrees.map((isMatch) => Math.min(1, (matches - (isMatch ? 1 : 0)) / ENOUGH));
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}
