/** A language model that goes on from rows: they stand before the prompts, and are read with them. Must not choose tokens. */
import type { Tensor } from '../../native/tensor.ts';
import type { RowLanguageModel } from '../towers/row-language-model.ts';
import { cachedSteps, type DecodingSteps } from './steps.ts';

/** Every text goes on from its prefix [batch, rows, width], which stays the caller's. The model's head must read the last row. */
export function prefixSteps(model: RowLanguageModel, prefix: Tensor): DecodingSteps {
  const [batch = 0, before = 0] = prefix.shape;
  return cachedSteps({
    name: model.name,
    positions: model.positions - before,
    cache: model.newCache(batch),
    hasPrefix: true,
    async read({ ids, batch: texts, isFirst, cache, mask }, options) {
      const { signal } = options;
      using rows = isFirst
        ? await model.embedAfter(prefix, ids, texts, signal)
        : await model.embed(ids, texts, undefined, signal);
      return await model.read({ rows, mask }, { ...options, cache });
    },
  });
}
