/** Cases of family decoding: texts of a language model by every strategy, and distributions that filters shape. */
import { filterScores, possible } from '../../../src/models/decoding/filters.ts';
import { readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { processorsOf } from '../../../src/models/decoding/processors.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { llama } from '../../../src/models/families/llama.ts';
import { opt } from '../../../src/models/families/opt.ts';
import { isObject } from '../../../src/models/read-json.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveAnswers } from './contrastive-answers.ts';
import { arrayOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { tokenRows } from './token-rows.ts';

const LANGUAGES = { GPT2LMHeadModel: gpt2, OPTForCausalLM: opt, LlamaForCausalLM: llama } as const;

export async function* runDecoding(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  if (model.hfClass === 'LogitsProcessor') {
    yield* compareOutputs(model, filterAnswers(folder, model), options);
    return;
  }
  const opened = await openLanguage(model, options);
  yield* compareOutputs(model, textAnswers(folder, model, opened), options);
  opened.reader.release();
  opened.writer.release();
}

function openLanguage({ folder, name, hfClass }: ModelCase, options: RunnerOptions) {
  const language = LANGUAGES[hfClass as keyof typeof LANGUAGES];
  if (language === undefined) throw new Error(`cases of class ${hfClass} cannot be run`);
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => ({
    reader: await LanguageModel.build(language(checkpoint, 'all', hfClass), options),
    writer: await LanguageModel.build(language(checkpoint, 'last', hfClass), options),
    ids: await readGenerationIds(folder, checkpoint.config),
  }));
}

function textAnswers(
  folder: CaseFolder,
  model: ModelCase,
  { reader, writer, ids }: Awaited<ReturnType<typeof openLanguage>>,
): Answers {
  const contrastive = contrastiveAnswers(folder, model, writer);
  const { ids: prompts, mask, batch } = tokenRows(model, 'input_ids', 'attention_mask');
  return async (output) => {
    if (output === 'logits') {
      const input = { ids: prompts.flat(), batch, mask: mask.flat(), positionsFromMask: true };
      return arrayOf((await reader.read(input)).head);
    }
    const open = async () => ({ steps: languageSteps(writer, { batch, mask }), prompts, ids });
    return (await contrastive(output)) ?? generatedAnswer(model, output, open);
  };
}

/** Softmax over what processors and filters leave. */
function filterAnswers({ content }: CaseFolder, model: ModelCase): Answers {
  const { ids } = tokenRows(model, 'previous_ids');
  const logits = model.inputs.get('logits')!;
  const [rows = 0, vocabulary = 0] = logits.shape;
  return async (output) => {
    const settings = isObject(content.settings) ? content.settings[output.replace(/^probs_/, '')] : undefined;
    if (!isObject(settings)) return undefined;
    const { repetition_penalty: penalty, no_repeat_ngram_size: ngram, ...filters } = numbersOf(settings);
    const { temperature, top_k: topK, top_p: topP, min_p: minP, typical_p: typicalP, ...others } = filters;
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw new Error(`filters do not know the settings ${unknown.join(', ')}`);
    const processors = processorsOf(
      { ...(penalty && { repetitionPenalty: penalty }), ...(ngram && { noRepeatNgram: ngram }) },
      { promptLength: ids[0]!.length, maxNewTokens: 1, endIds: [] },
    );
    const data = new Float64Array(rows * vocabulary);
    for (const [row, text] of ids.entries()) {
      const scores = Float32Array.from({ length: vocabulary }, (_, token) =>
        Number(logits.data[row * vocabulary + token]),
      );
      for (const process of processors) process(scores, text);
      filterScores(scores, {
        ...(temperature !== undefined && { temperature }),
        ...(topK !== undefined && { topK }),
        ...(topP !== undefined && { topP }),
        ...(minP !== undefined && { minP }),
        ...(typicalP !== undefined && { typicalP }),
      });
      const { tokens, probabilities } = possible(scores);
      for (const [place, token] of tokens.entries()) data[row * vocabulary + token] = probabilities[place]!;
    }
    return { data, shape: [rows, vocabulary] };
  };
}

function numbersOf(settings: Readonly<Record<string, unknown>>): Partial<Record<string, number>> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, Number(value)]));
}
