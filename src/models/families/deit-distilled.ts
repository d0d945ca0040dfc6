/**
 * DeiT with both its classifiers: one reads the class token, the other the distillation token, which learned to say what a
 * teacher says. Their mean is the answer. Checkpoints of transformers' DeiTForImageClassificationWithTeacher.
 * Source: Touvron et al., Training data-efficient image transformers & distillation through attention (2020).
 */
import { concat, mean } from '../../native/arrange.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { linear } from '../blocks/linear.ts';
import { sliceRows } from '../blocks/rows.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { RowReaderSpec } from '../towers/row-reader.ts';
import { vitTower } from './vit.ts';

/** By the row that each reads. */
export const DISTILLED_ROWS = { classToken: 0, distillation: 1 } as const;

/** Logits [batch, classes]. Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function distilledDeit(
  { config, weights }: Checkpoint,
  architecture?: string,
): RowReaderSpec<keyof typeof DISTILLED_ROWS> {
  readArchitecture(config, ['DeiTForImageClassificationWithTeacher'], architecture);
  const picture = vitTower(config, weights.below(['deit.', '']), 'deit');
  const shape = { inputs: picture.spec.width, outputs: readLabelCount(config) };
  const linears = {
    classToken: linear(weights, 'cls_classifier', shape),
    distillation: linear(weights, 'distillation_classifier', shape),
  };
  weights.finish({ ignore: [/(?:^|\.)embeddings\.mask_token$/, /(?:^|\.)pooler\./] });
  return {
    ...{ picture, linears },
    async read(rows, parts, signal) {
      using first = await sliceRows(rows, DISTILLED_ROWS.classToken, 1, { signal });
      using second = await sliceRows(rows, DISTILLED_ROWS.distillation, 1, { signal });
      using own = await parts.classToken.run(first, { signal });
      using taught = await parts.distillation.run(second, { signal });
      using both = await concat([own, taught], 1, { signal });
      return await mean(both, 1, { signal });
    },
  };
}
