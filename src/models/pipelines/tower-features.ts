/**
 * What a family's towers see before anything is read off them: a row for each patch or token, after the last layer and its
 * norm. Fusion blocks take these. Knows no family.
 */
import type { ImageProcessor } from '../../image/processor.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { FeaturesValue, ImageValue, TokensValue } from '../../protocol/value.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { PictureEncoder } from '../towers/dual-encoder.ts';
import { TextTower } from '../towers/text-tower.ts';
import type { TaskOptions } from './task.ts';

export interface TextFeatures {
  readonly features: FeaturesValue;
  /** Those that were read, one for each row. */
  readonly tokens: TokensValue;
}

/** Each is there where the family has such a tower. Reject as its tasks do. */
export interface TowerFeatures {
  readonly image?: (image: ImageValue, options?: TaskOptions) => Promise<FeaturesValue>;
  readonly text?: (text: string, options?: TaskOptions) => Promise<TextFeatures>;
}

/** Of a tower of layers; networks of another kind have no rows, and give nothing. */
export function imageFeatures(
  tower: Pick<PictureEncoder, 'rows'>,
  processor: ImageProcessor,
): Pick<TowerFeatures, 'image'> {
  if (tower.rows === undefined) return {};
  const rowsOf = tower.rows.bind(tower);
  return {
    async image(image, { signal } = {}) {
      const { pixelValues, shape } = await processor.processBatch([image], { signal });
      return featuresOf(await rowsOf({ data: pixelValues, shape }, { signal }));
    },
  };
}

/** Of a tower that reads a text in one stack. What is longer than it reads is cut. */
export function textFeatures(
  tower: object,
  tokenizer: Tokenizer,
  prepare: (text: string) => string = (text) => text,
): Pick<TowerFeatures, 'text'> {
  if (!(tower instanceof TextTower)) return {};
  return {
    async text(text, { signal } = {}) {
      const maxLength = Math.min(tower.positions, tokenizer.maxLength ?? tower.positions);
      const { ids } = tokenizer.encode(prepare(text), { maxLength });
      const { hidden } = await tower.run({ ids }, { outputs: { hidden: true, head: false }, signal });
      return { features: featuresOf(hidden!), tokens: { kind: 'Tokens', ids } };
    },
  };
}

/** Rows [1, seq, dim] as a value; lets go of the tensor. */
function featuresOf(rows: Tensor): FeaturesValue {
  const [, seq = 0, dim = 0] = rows.shape;
  const data = rows.toFloats();
  rows.release();
  return { kind: 'Features', data, seq, dim };
}
