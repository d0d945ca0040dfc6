/**
 * DINOv2 with a classifier over the class token and the mean of the patches, side by side. Checkpoints of transformers'
 * Dinov2ForImageClassification.
 * Source: Oquab et al., DINOv2: Learning Robust Visual Features without Supervision (2023).
 */
import { concat, mean, reshape } from '../../native/arrange.ts';
import { readLabelCount } from '../blocks/labels.ts';
import { linear } from '../blocks/linear.ts';
import { sliceRows } from '../blocks/rows.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import type { RowReaderSpec } from '../towers/row-reader.ts';
import { DINOV2_UNUSED, dinov2Tower } from './dinov2.ts';

/** Logits [batch, classes]. Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function dinov2Classifier({ config, weights }: Checkpoint, architecture?: string): RowReaderSpec<'classifier'> {
  readArchitecture(config, ['Dinov2ForImageClassification'], architecture);
  const picture = dinov2Tower(config, weights.below(['dinov2.', '']));
  const { width } = picture.spec;
  const classifier = linear(weights, 'classifier', { inputs: 2 * width, outputs: readLabelCount(config) });
  weights.finish({ ignore: DINOV2_UNUSED });
  return {
    ...{ picture, linears: { classifier } },
    async read(rows, parts, signal) {
      const [batch = 0, length = 0] = rows.shape;
      using first = await sliceRows(rows, 0, 1, { signal });
      using token = reshape(first, [batch, width]);
      using patches = await sliceRows(rows, 1, length - 1, { signal });
      using common = await mean(patches, 1, { signal });
      using both = await concat([token, common], 1, { signal });
      return await parts.classifier.run(both, { signal });
    },
  };
}
