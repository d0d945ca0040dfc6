/** The task of a tower that reads texts all at once to give one row for each, and the rows of its tokens. Knows no family. */
import { l2Normalise } from '../../native/rows.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { TextTower } from '../towers/text-tower.ts';
import type { LoadedFamily } from './family.ts';
import { embeddingRows } from './look.ts';
import type { SentenceForm } from './sentence-form.ts';
import { poolSentences } from './sentence-pooling.ts';
import type { TaskOptions } from './task.ts';
import { textBatch } from './text-batch.ts';
import { textFeatures } from './tower-features.ts';

interface Reader {
  readonly tokenizer: Tokenizer;
  readonly tower: TextTower;
}

/** `width` is that of the tower's rows. What is longer than the form or the tower allow is cut. Rejects as `TextTower.run` does. */
export function sentenceRows(
  { tokenizer, tower }: Reader,
  width: number,
  { poolings, normalised, maxLength, prepare }: SentenceForm,
): Pick<LoadedFamily, 'tasks' | 'features' | 'embedding'> {
  const limits = { name: tower.name, positions: Math.min(tower.positions, maxLength ?? tower.positions) };
  const embed = async (texts: readonly string[], { signal }: TaskOptions) => {
    const tokens = textBatch({ tokenizer, tower: limits }, texts.map(prepare));
    const { hidden } = await tower.run(tokens, { outputs: { hidden: true, head: false }, signal });
    using rows = hidden!;
    const pooled = await poolSentences(rows, tokens.mask, poolings, { signal });
    if (!normalised) return pooled;
    using long = pooled;
    return await l2Normalise(long, { signal });
  };
  return {
    tasks: {
      'text-feature-extraction': ({ texts }, options = {}) => embeddingRows(texts, (some) => embed(some, options)),
    },
    features: textFeatures(tower, tokenizer, prepare),
    embedding: { dim: width * poolings.length },
  };
}
