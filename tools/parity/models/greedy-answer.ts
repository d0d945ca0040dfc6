/** Token ids that greedy decoding writes, by the arguments of `generate` that a case names. Knows no family. */
import type { GenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import type { DecodingSteps } from '../../../src/models/decoding/steps.ts';
import type { NumberArray } from '../compare.ts';

/** Words of the case, which change no decoding: what an output means, whether it has a prompt. */
const TOLD = ['meaning', 'prompt', 'num_beams'];

/** [texts, tokens], prompts included. */
export async function greedyAnswer(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  { endIds, padId = 0 }: GenerationIds,
  generate: Readonly<Record<string, unknown>>,
): Promise<NumberArray> {
  const lengths = readLengths(generate, prompts[0]?.length ?? 0);
  const texts = await decodeGreedily(steps, prompts, { ...lengths, endIds, padId });
  return { data: texts.flat(), shape: [texts.length, texts[0]?.length ?? 0] };
}

function readLengths(
  generate: Readonly<Record<string, unknown>>,
  prompt: number,
): { readonly maxNewTokens: number; readonly minTokens: number } {
  const {
    max_new_tokens: most,
    max_length: longest,
    min_new_tokens: least,
    min_length: shortest,
    ...others
  } = generate;
  const unknown = Object.keys(others).filter((name) => !TOLD.includes(name));
  if (unknown.length > 0) throw new Error(`greedy decoding does not know the options ${unknown.join(', ')}`);
  const maxNewTokens = Number(most ?? Number(longest) - prompt);
  const minTokens = Number(least ?? Number(shortest ?? prompt) - prompt);
  return { maxNewTokens, minTokens };
}
