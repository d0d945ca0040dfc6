/** Texts that a model is asked about, and the labels that people know them by. Pure. */
import { WeftError } from '../errors.ts';
import type { ScoresValue, TextValue } from '../protocol/value.ts';

export interface AskedTexts {
  /** What the model reads. */
  readonly prompts: readonly string[];
  /** The label of a prompt, where its text was made from one. */
  readonly labelOf: (prompt: string) => string;
}

/** Throws `run/bad-input` for none. */
export function askedTexts(texts: readonly TextValue[], socket: string): AskedTexts {
  if (texts.length === 0)
    throw new WeftError('run/bad-input', { expected: 'at least one text', socket, received: 'none' });
  const labels = new Map(texts.map(({ text, label }) => [text, label ?? text]));
  return { prompts: texts.map(({ text }) => text), labelOf: (prompt) => labels.get(prompt) ?? prompt };
}

/** Scores by label instead of prompt, and named by the picture they are about. */
export function namedScores(
  scores: ScoresValue,
  { subject, labelOf = (label) => label }: { subject?: string | undefined; labelOf?: AskedTexts['labelOf'] },
): ScoresValue {
  const entries = scores.entries.map(({ label, score }) => ({ label: labelOf(label), score }));
  const name = scores.subject ?? subject;
  return { ...scores, entries, ...(name === undefined ? {} : { subject: name }) };
}
