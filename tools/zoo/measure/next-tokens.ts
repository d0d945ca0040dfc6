/** What a language model finds likeliest at each place of given texts, to compare precisions. Must not write texts. */
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import type { FamilyModel } from '../../../src/models/pipelines/family-loader.ts';

/** For each text the likeliest token after its start and after each of its tokens. */
export async function likeliestTokens({ language }: FamilyModel, texts: readonly string[]): Promise<number[][]> {
  const { model, tokenizer, startId } = language!;
  const found: number[][] = [];
  for (const text of texts) {
    const steps = languageSteps(model, { batch: 1 });
    const tokens: number[] = [];
    for (const id of [startId!, ...tokenizer.encode(text, { specialTokens: false }).ids]) {
      using logits = (await steps.read([id])).head!;
      const scores = logits.toFloats();
      tokens.push(scores.indexOf(Math.max(...scores)));
    }
    steps.release();
    found.push(tokens);
  }
  return found;
}

/** Share of places where both say the same token. */
export function agreement(some: readonly (readonly number[])[], others: readonly (readonly number[])[]) {
  const equal = some.flatMap((row, i) => row.map((token, j) => token === others[i]![j]));
  return { steps: equal.length, equal: equal.filter(Boolean).length / equal.length };
}
