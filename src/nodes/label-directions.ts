/** What the prompts of each label come down to: directions that a picture is compared with. Must not know any model. */
import type { EmbeddingValue } from '../protocol/value.ts';
import { inSlices } from './time-slices.ts';
import { meanDirection, normalise } from './vectors.ts';

export interface LabelDirections {
  readonly label: string;
  /** Unit vectors: one for each prompt, or their mean alone. */
  readonly directions: readonly Float64Array[];
}

/** Every picture of a list meets the same texts: what they come down to is worked out once. */
const known = new WeakMap<readonly EmbeddingValue[], Map<string, Promise<readonly LabelDirections[]>>>();

/** Labels in order of appearance. Rejects with `run/cancelled`. */
export function directionsOf(
  texts: readonly EmbeddingValue[],
  ensemble: 'mean' | 'max',
  signal: AbortSignal,
): Promise<readonly LabelDirections[]> {
  const ofTexts = known.get(texts) ?? new Map<string, Promise<readonly LabelDirections[]>>();
  known.set(texts, ofTexts);
  const found = ofTexts.get(ensemble) ?? groupByLabel(texts, ensemble, signal);
  ofTexts.set(ensemble, found);
  // Cancelled half-way: another run may still want it.
  found.catch(() => ofTexts.delete(ensemble));
  return found;
}

async function groupByLabel(
  texts: readonly EmbeddingValue[],
  ensemble: 'mean' | 'max',
  signal: AbortSignal,
): Promise<readonly LabelDirections[]> {
  const groups = new Map<string, Float64Array[]>();
  await inSlices(texts.length, signal, (index) => {
    const { label = `text ${index + 1}`, data } = texts[index]!;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [normalise(data)]);
    else group.push(normalise(data));
  });
  return [...groups].map(([label, prompts]) => ({
    label,
    directions: ensemble === 'mean' ? [meanDirection(prompts)] : prompts,
  }));
}
