/** Cases of families gpt2, opt and llama: hidden states and logits, left padding, a cache filled in two steps, greedy decoding. */

import { type GenerationIds, readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { llama } from '../../../src/models/families/llama.ts';
import { opt } from '../../../src/models/families/opt.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel, type LanguageStack, type ReadOptions } from '../../../src/models/towers/language-model.ts';
import type { KvCache } from '../../../src/native/kv-cache.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, FamilyRunner, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { columns, maskRows, type TokenRows, tokenRows } from './token-rows.ts';

type Family = (checkpoint: Checkpoint, rows: 'all' | 'last', architecture: string) => LanguageStack;

/** @param bare the class without the head that gives logits */
function languageRunner(family: Family, bare: string): FamilyRunner {
  return async function* run(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
    const model = await openModelCase(folder);
    const open = (rows: 'all' | 'last', architecture = model.hfClass) =>
      openModel(model, (checkpoint) => family(checkpoint, rows, architecture), options);
    const models = { reader: await open('all'), bare: await open('all', bare), writer: await open('last') };
    yield* compareOutputs(model, languageAnswers(model, models), options);
    for (const one of Object.values(models)) one.model.release();
  };
}

export const runGpt2 = languageRunner(gpt2, 'GPT2Model');
export const runOpt = languageRunner(opt, 'OPTModel');
export const runLlama = languageRunner(llama, 'LlamaModel');

interface Opened {
  readonly model: LanguageModel;
  readonly ids: GenerationIds;
}

/** All share their packed weights: logits of every token, those of the last, and the model without head. */
function openModel(
  { folder, name }: ModelCase,
  stack: (checkpoint: Checkpoint) => LanguageStack,
  options: RunnerOptions,
): Promise<Opened> {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => ({
    model: await LanguageModel.build(stack(checkpoint), options),
    ids: await readGenerationIds(folder, checkpoint.config),
  }));
}

function languageAnswers(
  model: ModelCase,
  { reader: { model: reader }, bare, writer }: Readonly<Record<'reader' | 'bare' | 'writer', Opened>>,
): Answers {
  const layers = Array.from({ length: reader.stack.layers }, (_, layer) => layer);
  const right = () => tokenRows(model, 'input_ids', 'attention_mask');
  const left = () => tokenRows(model, 'left_ids', 'left_mask');
  const read = once(() => readRows(reader, right(), { returnHidden: layers }));
  /** OPT's rows may leave the stream through a projection. */
  const last = once(async () => {
    const { hidden, head } = await readRows(bare.model, right(), {});
    return arrayOf(head ?? hidden);
  });
  return async (output) => {
    // transformers counts what the bare model gives as the last hidden state.
    const [, state] = /^(?:embeddings|hidden_(\d+))$/.exec(output) ?? [];
    if (output === 'embeddings' || state !== undefined) {
      const number = Number(state ?? 0);
      return number === layers.length ? last() : arrayOf((await read()).hiddenStates[number]);
    }
    const [, layer, kind] = /^layer(\d+)_(keys|values)$/.exec(output) ?? [];
    if (layer !== undefined) return cached(reader, left(), Number(layer), kind as 'keys' | 'values');
    switch (output) {
      case 'last_hidden_state':
        return last();
      case 'logits':
        return arrayOf((await read()).head);
      case 'logits_left':
        return arrayOf((await readRows(reader, left(), {}, true)).head);
      case 'logits_with_past':
        return logitsWithPast(reader, left(), model.outputs.get(output)!.shape[1]!);
    }
    return generatedAnswer(model, output, async () => {
      const { ids: prompts, mask, batch } = left();
      return { steps: languageSteps(writer.model, { batch, mask }), prompts, ids: writer.ids };
    });
  };
}

function readRows(model: LanguageModel, tokens: TokenRows, options: ReadOptions, positionsFromMask = false) {
  const { ids, mask, batch } = tokens;
  return model.read({ ids: ids.flat(), batch, mask: mask.flat(), positionsFromMask }, options);
}

/** Logits of the last tokens, after the others were read into a cache. */
async function logitsWithPast(model: LanguageModel, tokens: TokenRows, last: number) {
  return withCache(model, tokens, async (cache) => {
    const first = tokens.length - last;
    await readRows(model, columns(tokens, 0, first), { cache }, true);
    const rest = { ...columns(tokens, first, tokens.length), mask: tokens.mask };
    return arrayOf((await readRows(model, rest, { cache }, true)).head);
  });
}

/** Keys or values [batch, heads, length, head size] that a layer keeps, zero at padding. */
async function cached(model: LanguageModel, tokens: TokenRows, layer: number, kind: 'keys' | 'values') {
  return withCache(model, tokens, async (cache) => {
    await readRows(model, tokens, { cache }, true);
    return maskRows(arrayOf(cache.read(layer)[kind])!, tokens.mask);
  });
}

async function withCache(
  model: LanguageModel,
  { batch }: TokenRows,
  work: (cache: KvCache) => Promise<NumberArray | undefined>,
) {
  const cache = model.newCache(batch);
  try {
    return await work(cache);
  } finally {
    cache.release();
  }
}
