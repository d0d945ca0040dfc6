/** Cases of family prefix-lm: the prefix, logits behind it, and greedy texts that go on from it. */
import { decodeGreedily } from '../../../src/models/decoding/greedy.ts';
import { prefixSteps } from '../../../src/models/decoding/prefix-steps.ts';
import { prefixLm } from '../../../src/models/families/prefix-lm.ts';
import { PrefixMapper } from '../../../src/models/fusion/prefix-mapper.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { RowLanguageModel } from '../../../src/models/towers/row-language-model.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { cutRows, numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

export async function* runPrefixLm(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const reader = await openModel(model, 'all', options);
  const writer = await openModel(model, 'last', options);
  const prefixed = blockAnswers(() => readAll(model, reader));
  yield* compareOutputs(
    model,
    async (output) => {
      const generate = model.generate(output);
      return generate === undefined ? prefixed(output) : generated(model, writer, generate);
    },
    options,
  );
  for (const part of [reader.mapper, reader.language, writer.mapper, writer.language]) part.release();
}

type Opened = Awaited<ReturnType<typeof openModel>>;

function openModel({ folder, name }: ModelCase, rows: 'all' | 'last', options: RunnerOptions) {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => {
    const { mapper, language } = await prefixLm(checkpoint, rows);
    return {
      mapper: await PrefixMapper.build(mapper, options),
      language: await RowLanguageModel.build(language, options),
    };
  });
}

async function readAll(model: ModelCase, { mapper, language }: Opened) {
  const prefix = await mapper.run(tensorOfCase(model, 'visual'));
  const [batch = 0, length = 0] = prefix.shape;
  const ids = numbersOfCase(model, 'tokens');
  const tokens = ids.length / batch;
  const seen = numbersOfCase(model, 'mask');
  const mask = Array.from({ length: batch }, (_, item) => [
    ...Array<number>(length).fill(1),
    ...seen.slice(item * tokens, (item + 1) * tokens),
  ]).flat();
  const { head } = await language.read({ rows: await language.embedAfter(prefix, ids, batch), mask });
  const alone = Array.from({ length: language.layers + 1 }, (_, state) => state);
  const { hiddenStates } = await language.read({ rows: prefix }, { returnHidden: alone });
  return {
    prefix_embeds: prefix,
    logits_prefix: await cutRows(head!, 0, length),
    logits: await cutRows(head!, length, length + tokens),
    ...Object.fromEntries(hiddenStates.map((state, layer) => [`hidden_${layer}`, state])),
  };
}

async function generated(
  model: ModelCase,
  { mapper, language }: Opened,
  options: Readonly<Record<string, unknown>>,
): Promise<NumberArray> {
  const { max_new_tokens: maxNewTokens, stop_token: stop, fill = 0, meaning: _, ...others } = options;
  const names = Object.keys(others);
  if (names.length > 0) throw new Error(`greedy decoding does not know the options ${names.join(', ')}`);
  const prefix = await mapper.run(tensorOfCase(model, 'visual'));
  const prompts = Array.from({ length: prefix.shape[0]! }, () => []);
  const endIds = stop === undefined ? [] : [Number(stop)];
  const texts = await decodeGreedily(prefixSteps(language, prefix), prompts, {
    maxNewTokens: Number(maxNewTokens),
    endIds,
    padId: Number(fill),
  });
  // The reference goes on to the last step when all texts have ended.
  const filled = texts.map((text) => [
    ...text,
    ...Array<number>(Number(maxNewTokens) - text.length).fill(Number(fill)),
  ]);
  return { data: filled.flat(), shape: [filled.length, Number(maxNewTokens)] };
}
