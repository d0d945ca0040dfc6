/** A language model of rows read step by step: pictures stand in its prompts, single words follow. Must not choose tokens. */
import type { Tensor } from '../../native/tensor.ts';
import type { RowLanguageModel } from '../towers/row-language-model.ts';
import { cachedSteps, type DecodingSteps } from './steps.ts';

export interface RowPrompts {
  readonly batch: number;
  /** Of prompts padded on the left: 1 is seen, 0 is padding. */
  readonly mask?: readonly (readonly number[])[] | undefined;
  /** What stands for a placeholder in the prompts; the rows stay the caller's. */
  readonly pictures?: { readonly rows: Tensor; readonly placeholder: number } | undefined;
}

/** The model's head must read the last row. */
export function rowSteps(model: RowLanguageModel, { batch, mask, pictures }: RowPrompts): DecodingSteps {
  return cachedSteps({
    name: model.name,
    positions: model.positions,
    cache: model.newCache(batch),
    mask,
    async read({ ids, batch: texts, mask: seen, cache, isFirst }, options) {
      const inserted = isFirst && pictures ? model.insert(ids, pictures.rows, pictures.placeholder) : undefined;
      using rows = await model.embed(ids, texts, inserted, options.signal);
      return await model.read({ rows, mask: seen, positionsFromMask: true }, { ...options, cache });
    },
  });
}
