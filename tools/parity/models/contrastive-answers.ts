/** Contrastive search of each prompt of a case alone: `contrastive_ids_0`, `contrastive_penalty_1` and so on. Knows no family. */
import {
  type ContrastiveOptions,
  type ContrastiveStep,
  contrastiveSearch,
  contrastiveSteps,
} from '../../../src/models/decoding/contrastive.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { candidatesOf } from '../../../src/models/decoding/replicated-candidates.ts';
import type { LanguageModel } from '../../../src/models/towers/language-model.ts';
import type { CaseFolder } from '../outcome.ts';
import type { Answers } from './compare-outputs.ts';
import type { ModelCase } from './model-case.ts';
import { onceEach } from './once.ts';
import { tokenRows } from './token-rows.ts';

const PARTS = {
  candidates: ({ candidates }: ContrastiveStep) => candidates,
  p: ({ probabilities }: ContrastiveStep) => probabilities,
  penalty: ({ penalties }: ContrastiveStep) => penalties.map(Number),
  score: ({ scores }: ContrastiveStep) => scores,
  chosen: ({ chosen }: ContrastiveStep) => [chosen],
} as const;

/** Undefined for outputs of another name. The ids are those of the search that leaves out whoever cannot win. */
export function contrastiveAnswers({ content }: CaseFolder, model: ModelCase, language: LanguageModel): Answers {
  const { ids, mask } = tokenRows(model, 'input_ids', 'attention_mask');
  const prompt = (text: number) => ids[text]!.filter((_, place) => mask[text]![place] === 1);
  const candidates = () => candidatesOf(languageSteps(language, { batch: 1 }));
  const options = (text: number): ContrastiveOptions => {
    const [maxNewTokens = 0, k = 0] = model.outputs.get(`contrastive_candidates_${text}`)?.shape ?? [];
    return { k, alpha: alphaOf(content.outputs, `contrastive_ids_${text}`), maxNewTokens };
  };
  const all = onceEach(async (text: number) => {
    const steps: ContrastiveStep[] = [];
    const searched = contrastiveSteps(candidates(), prompt(text), { ...options(text), prune: false });
    for await (const step of searched) steps.push(step);
    return steps;
  });
  return async (output) => {
    const [, name, number] = /^contrastive_(ids|candidates|p|penalty|score|chosen)_(\d+)$/.exec(output) ?? [];
    if (name === undefined) return undefined;
    const text = Number(number);
    if (name === 'ids') {
      const written = await contrastiveSearch(candidates(), prompt(text), options(text));
      return { data: written, shape: [written.length] };
    }
    const rows = (await all(text)).map(PARTS[name as keyof typeof PARTS]);
    // A step begins with the text that the steps before it made.
    const follows = `contrastive_candidates_${number}`;
    return { follows, data: rows.flat(), shape: name === 'chosen' ? [rows.length] : [rows.length, rows[0]!.length] };
  };
}

/** Cases tell it in words only. */
function alphaOf(meanings: unknown, output: string): number {
  const meaning = (meanings as Readonly<Record<string, unknown>> | undefined)?.[output];
  const [, alpha] = /\balpha=(\d*\.?\d+)/.exec(String(meaning)) ?? [];
  if (alpha === undefined) throw new Error(`expected "alpha=NUMBER" in the meaning of ${output}, found "${meaning}"`);
  return Number(alpha);
}
