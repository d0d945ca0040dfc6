/** A caption by MaGiC from two opened folders, and where its time went. Knows no peer. */

import type { CandidateSteps } from '../../src/models/decoding/candidate-steps.ts';
import { languageSteps } from '../../src/models/decoding/language-steps.ts';
import { candidatesOf, replicatedCandidates } from '../../src/models/decoding/replicated-candidates.ts';
import { MAGIC_PRESETS } from '../../src/models/free/magic-rule.ts';
import { type MagicStep, magicSteps } from '../../src/models/free/magic-steps.ts';
import { encodedFit, searchedFit, type TextFit } from '../../src/models/free/text-fit.ts';
import type { LoadedFamily } from '../../src/models/pipelines/family.ts';
import { openFamily } from '../../src/models/pipelines/open-family.ts';
import type { Precision } from '../../src/native/stack-spec.ts';
import { PieceDecoder } from '../../src/text/piece-decoder.ts';
import { GPT2_END } from './folders.ts';

/** The coco preset writes 16 tokens, the start among them. */
export const STEPS = MAGIC_PRESETS.coco.maxTokens - 1;
export const { k: CANDIDATES, alpha: ALPHA, beta: BETA } = MAGIC_PRESETS.coco;

export interface Caption {
  readonly steps: readonly MagicStep[];
  readonly tokens: readonly number[];
  /** Milliseconds in each model; the rest is ours. */
  readonly language: number;
  readonly texts: number;
  /** Rows of CLIP's text tower that the fast path computed. */
  readonly textRows: number;
  /** Tokens of the longest text of each step. */
  readonly textLengths: () => readonly number[];
}

export class Captioner {
  readonly #language: LoadedFamily;
  readonly #comparison: LoadedFamily;
  readonly #decoder: PieceDecoder;

  private constructor(language: LoadedFamily, comparison: LoadedFamily) {
    this.#language = language;
    this.#comparison = comparison;
    this.#decoder = new PieceDecoder(language.language!.tokenizer);
  }

  static async open(folders: { language: string; comparison: string }, precision: Precision): Promise<Captioner> {
    const language = await openFamily(folders.language, { model: 'bench/gpt2', precision });
    const comparison = await openFamily(folders.comparison, { model: 'bench/clip', precision });
    return new Captioner(language.loaded, comparison.loaded);
  }

  /** Never stopped by an end token, so that every caption has as many steps. */
  async write(picture: Float32Array, mode: 'fast' | 'reference'): Promise<Caption> {
    const { language } = this.#language;
    const { textSearch, tasks, embedding } = this.#comparison;
    const spent = { language: 0, texts: 0 };
    const search = textSearch!.begin();
    const embed = (texts: readonly string[]) => tasks['text-feature-extraction']!({ texts });
    const isFast = mode === 'fast';
    const fit = isFast
      ? searchedFit(search, textSearch!.encode, picture)
      : encodedFit(embed, picture, { distinct: false });
    const read = languageSteps(language!.model, { batch: 1 });
    const steps: MagicStep[] = [];
    const searched = magicSteps({
      steps: timedSteps(isFast ? candidatesOf(read) : replicatedCandidates(read), spent),
      fit: timedFit(fit, spent),
      prompt: [GPT2_END],
      endIds: [],
      ...{ mode, k: CANDIDATES, alpha: ALPHA, beta: BETA, maxNewTokens: STEPS, scale: embedding!.logitScale! },
      continuations: (ids, next) => this.#decoder.continuations(ids, next),
    });
    for await (const step of searched) steps.push(step);
    search.release();
    const tokens = steps.map(({ candidates, chosen }) => candidates[chosen]!);
    const { encode } = textSearch!;
    const textLengths = () => steps.map(({ texts }) => Math.max(...texts.map((text) => encode(text).length)));
    return { steps, tokens, ...spent, textRows: search.rows, textLengths };
  }

  release(): void {
    this.#language.release();
    this.#comparison.release();
  }
}

async function timed<Result>(
  spent: { language: number; texts: number },
  part: 'language' | 'texts',
  work: Promise<Result>,
) {
  const start = performance.now();
  const result = await work;
  spent[part] += performance.now() - start;
  return result;
}

function timedSteps(steps: CandidateSteps, spent: { language: number; texts: number }): CandidateSteps {
  return {
    name: steps.name,
    positions: steps.positions,
    begin: (prompt, signal) => timed(spent, 'language', steps.begin(prompt, signal)),
    compare: (tokens, signal) => timed(spent, 'language', steps.compare(tokens, signal)),
    take: (place, signal) => timed(spent, 'language', steps.take(place, signal)),
    release: () => steps.release(),
  };
}

/** Its tokenizer counts to it. */
function timedFit(fit: TextFit, spent: { language: number; texts: number }): TextFit {
  return {
    cosines: (texts, signal) => timed(spent, 'texts', fit.cosines(texts, signal)),
    release: () => fit.release(),
  };
}

/** How far the chosen candidate was ahead, at least; pruned ones count by their bounds. */
export function leastMargin(steps: readonly MagicStep[]): number {
  return Math.min(
    ...steps.map(({ scores, chosen }) => {
      const others = scores.filter((_, place) => place !== chosen);
      return scores[chosen]! - Math.max(...others);
    }),
  );
}
