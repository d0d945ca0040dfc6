/** The task of a tower that reads texts all at once to give one row for each, and the rows of its tokens. Knows no family. */
import { l2Normalise } from '../../native/rows.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { TextEncoder, TextTower, Tokens } from '../towers/text-tower.ts';
import type { LoadedFamily } from './family.ts';
import { embeddingRows } from './look.ts';
import type { SentenceForm } from './sentence-form.ts';
import { poolSentences } from './sentence-pooling.ts';
import type { TaskOptions } from './task.ts';
import { textBatch } from './text-batch.ts';
import { textFeatures } from './tower-features.ts';

interface Reader {
  readonly tokenizer: Tokenizer;
  readonly tower: Pick<TextEncoder, 'name' | 'positions'>;
  /** A row for each token, [texts, length, width]. */
  readonly rows: (tokens: Tokens, options: TaskOptions) => Promise<Tensor>;
}

/** `width` is that of the tower's rows. What is longer than the form or the tower allow is cut. Rejects as `rows` does. */
export function sentenceRows(
  { tokenizer, tower, rows: read }: Reader,
  width: number,
  { poolings, normalised, maxLength, prepare }: SentenceForm,
): Pick<LoadedFamily, 'tasks' | 'features' | 'embedding'> {
  const limits = { name: tower.name, positions: Math.min(tower.positions, maxLength ?? tower.positions) };
  const embed = async (texts: readonly string[], { signal }: TaskOptions) => {
    const tokens = textBatch({ tokenizer, tower: limits }, texts.map(prepare));
    using rows = await read(tokens, { signal });
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

/** The stream of a tower after its last layer. */
export function towerRows(tower: TextTower): Reader['rows'] {
  return async (tokens, { signal }) => {
    const { hidden } = await tower.run(tokens, { outputs: { hidden: true, head: false }, signal });
    return hidden!;
  };
}
