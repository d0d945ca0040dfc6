/** Cases of family gpt2: hidden states and logits, left padding, a cache filled in two steps, greedy decoding. */

import { type GenerationIds, readGenerationIds } from '../../../src/models/decoding/generation-config.ts';
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel, type ReadOptions } from '../../../src/models/towers/language-model.ts';
import type { KvCache } from '../../../src/native/kv-cache.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { columns, maskRows, type TokenRows, tokenRows } from './token-rows.ts';

export async function* runGpt2(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const reader = await openModel(model, 'all', options);
  const writer = await openModel(model, 'last', options);
  yield* compareOutputs(model, gpt2Answers(model, reader, writer), options);
  reader.model.release();
  writer.model.release();
}

interface Opened {
  readonly model: LanguageModel;
  readonly ids: GenerationIds;
}

/** Both share their packed weights; one gives the logits of every token, the other those of the last. */
function openModel(
  { folder, name, hfClass }: ModelCase,
  rows: 'all' | 'last',
  options: RunnerOptions,
): Promise<Opened> {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => ({
    model: await LanguageModel.build(gpt2(checkpoint, rows, hfClass), options),
    ids: await readGenerationIds(folder, checkpoint.config),
  }));
}

function gpt2Answers(model: ModelCase, { model: reader }: Opened, writer: Opened): Answers {
  const layers = Array.from({ length: reader.stack.layers }, (_, layer) => layer);
  const right = () => tokenRows(model, 'input_ids', 'attention_mask');
  const left = () => tokenRows(model, 'left_ids', 'left_mask');
  const read = once(() => readRows(reader, right(), { returnHidden: layers }));
  return async (output) => {
    // transformers counts the stream after the final norm as the last hidden state.
    const [, state] = /^(?:embeddings|hidden_(\d+))$/.exec(output) ?? [];
    if (output === 'embeddings' || state !== undefined) {
      const { hidden, hiddenStates } = await read();
      const number = Number(state ?? 0);
      return arrayOf(number === layers.length ? hidden : hiddenStates[number]);
    }
    const [, layer, kind] = /^layer(\d+)_(keys|values)$/.exec(output) ?? [];
    if (layer !== undefined) return cached(reader, left(), Number(layer), kind as 'keys' | 'values');
    switch (output) {
      case 'last_hidden_state':
        return arrayOf((await read()).hidden);
      case 'logits':
        return arrayOf((await read()).head);
      case 'logits_left':
        return arrayOf((await readRows(reader, left(), {}, true)).head);
      case 'logits_with_past':
        return logitsWithPast(reader, left(), model.outputs.get(output)!.shape[1]!);
    }
    const options = model.generate(output);
    return options === undefined ? undefined : generated(writer, left(), options);
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

async function generated(
  { model, ids }: Opened,
  { ids: prompts, mask }: TokenRows,
  options: Readonly<Record<string, unknown>>,
): Promise<NumberArray> {
  const { max_new_tokens: maxNewTokens, meaning: _, ...others } = options;
  const names = Object.keys(others);
  if (names.length > 0) throw new Error(`greedy decoding does not know the options ${names.join(', ')}`);
  const { endIds, padId = 0 } = ids;
  const steps = languageSteps(model, { batch: prompts.length, mask });
  const texts = await decodeGreedily(steps, prompts, { maxNewTokens: Number(maxNewTokens), endIds, padId });
  return { data: texts.flat(), shape: [texts.length, texts[0]?.length ?? 0] };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
