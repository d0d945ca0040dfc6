/**
 * Constrained choice: how likely each text of a closed list is after a prompt. The prompt, and what all texts begin with, are
 * read once; the rest of each text is a branch. Knows no model, only steps.
 */
import { WeftError } from '../../errors.ts';
import { type BranchSteps, branchesOf } from './branch-steps.ts';
import { toLogProbabilities } from './log-probabilities.ts';
import { rowsOf } from './prompts.ts';
import type { DecodingSteps } from './steps.ts';

export interface ScoringOptions {
  /** Mean log-probability of a token instead of the sum, so that longer texts lose nothing by being long. */
  readonly perToken?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Log-probabilities of the texts, in their order. Uses the steps up: they are released whatever happens. Rejects with
 * `model/bad-input` for an empty text and for one that does not fit, `native/not-finite`, `run/cancelled`.
 */
export async function scoreTexts(
  steps: DecodingSteps,
  prompt: readonly number[],
  texts: readonly (readonly number[])[],
  { perToken = false, signal }: ScoringOptions = {},
): Promise<number[]> {
  const branches = branchesOf(steps);
  try {
    checkTexts(branches, prompt, texts);
    const shared = sharedStart(texts);
    let next = logProbabilities(branches, await branches.begin(prompt, signal));
    let sum = 0;
    for (const token of shared) {
      sum += next[token]!;
      next = logProbabilities(branches, await branches.begin([token], signal));
    }
    const scores = texts.map((text) => sum + next[text[shared.length]!]!);
    const open = texts
      .map((text, place) => ({ place, rest: text.slice(shared.length) }))
      .filter(({ rest }) => rest.length > 1)
      // Texts of like length end together.
      .sort((a, b) => a.rest.length - b.rest.length);
    for (let first = 0; first < open.length; first += branches.most) {
      await addRests(branches, open.slice(first, first + branches.most), scores, signal);
    }
    return perToken ? scores.map((score, place) => score / texts[place]!.length) : scores;
  } finally {
    branches.release();
  }
}

interface Open {
  readonly place: number;
  readonly rest: readonly number[];
}

/** Adds what follows the first token of each rest. */
async function addRests(branches: BranchSteps, open: readonly Open[], scores: number[], signal?: AbortSignal) {
  const longest = Math.max(...open.map(({ rest }) => rest.length));
  branches.branch(open.length);
  for (let step = 0; step < longest - 1; step += 1) {
    // A text that has ended reads its last token on and on; nobody asks what follows.
    const tokens = open.map(({ rest }) => rest[Math.min(step, rest.length - 1)]!);
    const rows = await branches.read(tokens, signal);
    for (const [branch, { place, rest }] of open.entries()) {
      const token = rest[step + 1];
      if (token !== undefined) scores[place]! += logProbabilities(branches, rows[branch]!)[token]!;
    }
  }
}

function logProbabilities({ name }: BranchSteps, logits: Float32Array): Float32Array {
  const [row] = rowsOf(name, logits, 1);
  toLogProbabilities(row!);
  return row!;
}

/** What all begin with; each has at least one token after it. */
function sharedStart(texts: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = texts;
  const most = Math.min(...texts.map((text) => text.length - 1));
  const differs = first.findIndex((token, place) => texts.some((text) => text[place] !== token));
  return first.slice(0, differs < 0 ? most : Math.min(differs, most));
}

/** The last token of a text is scored and never read. */
function checkTexts(
  { name, positions }: BranchSteps,
  prompt: readonly number[],
  texts: readonly (readonly number[])[],
) {
  const longest = Math.max(0, ...texts.map((text) => text.length));
  const fits = prompt.length >= 1 && prompt.length + longest - 1 <= positions;
  if (fits && texts.length > 0 && texts.every((text) => text.length > 0)) return;
  throw new WeftError('model/bad-input', {
    model: name,
    input: 'texts',
    expected: `texts of at least one token that fit into ${positions} with the ${prompt.length} of the prompt,`,
    received: `${texts.length} texts of ${[...new Set(texts.map((text) => text.length))].join(', ')} tokens`,
  });
}
