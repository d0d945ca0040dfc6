/** Token ids that `generate` writes, and how beams score, by the arguments that a case names. Knows no family. */
import { ConfigReader } from '../../../src/models/blocks/config-reader.ts';
import { decodingOf } from '../../../src/models/decoding/checkpoint-decoding.ts';
import { decode } from '../../../src/models/decoding/decoder.ts';
import { type GenerationIds, readGenerationFile } from '../../../src/models/decoding/generation-config.ts';
import { resolveSettings } from '../../../src/models/decoding/resolve-settings.ts';
import type { DecodingSteps } from '../../../src/models/decoding/steps.ts';
import type { Answer } from './compare-outputs.ts';
import { type ModelCase, SCORES } from './model-case.ts';

/** What says how tokens are chosen, by transformers' names. */
const CHOICE = [
  ...['num_beams', 'length_penalty', 'early_stopping', 'repetition_penalty', 'no_repeat_ngram_size'],
  ...['num_beam_groups', 'diversity_penalty', 'penalty_alpha', 'top_k'],
  ...['forced_bos_token_id', 'forced_eos_token_id', 'suppress_tokens', 'begin_suppress_tokens'],
];
const LENGTHS = ['max_new_tokens', 'max_length', 'min_new_tokens', 'min_length'];
/** Words of the case, which change no decoding: what an output means, whether it has a prompt. */
const TOLD = ['meaning', 'prompt', 'do_sample'];

export interface Generated {
  readonly steps: DecodingSteps;
  readonly prompts: readonly (readonly number[])[];
  readonly ids: GenerationIds;
}

/** Undefined for an output that `generate` did not make. Ids [texts, tokens] hold the prompts. */
export async function generatedAnswer(
  model: ModelCase,
  output: string,
  open: (generate: Readonly<Record<string, unknown>>) => Promise<Generated>,
): Promise<Answer | undefined> {
  const generate = model.generate(output);
  if (generate === undefined) return undefined;
  const known = [...CHOICE, ...LENGTHS, ...TOLD, 'num_return_sequences'];
  const unknown = Object.keys(generate).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`decoding does not know the options ${unknown.join(', ')}`);
  if (generate.do_sample === true) throw new Error('what is drawn cannot be compared');
  const { num_return_sequences: returned, max_new_tokens: most, max_length: longest, ...choice } = generate;
  const { steps, prompts, ids } = await open(generate);
  const { texts, scores } = await decode(steps, prompts, {
    ...{ endIds: ids.endIds, padId: ids.padId ?? 0 },
    plan: resolveSettings({}, await decodingOfCase(model, choice)),
    maxNewTokens: Number(most ?? Number(longest) - prompts[0]!.length),
    ...(returned === undefined ? {} : { returned: Number(returned) }),
  });
  if (SCORES.test(output)) {
    return scores && { follows: output.replace(SCORES, ''), data: scores, shape: [scores.length] };
  }
  return { data: texts.flat(), shape: [texts.length, texts[0]?.length ?? 0] };
}

/** Arguments go before what lies beside the model. */
async function decodingOfCase({ folder, name: model }: ModelCase, choice: Record<string, unknown>) {
  const asked = new ConfigReader({ do_sample: false, ...choice }, { model, file: 'case.json' });
  const generation = await readGenerationFile(folder, asked);
  return decodingOf(generation === undefined ? [asked] : [asked, generation]);
}
