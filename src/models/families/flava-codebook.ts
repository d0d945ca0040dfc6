/**
 * FLAVA's codebook, DALL-E's encoder: groups of residual blocks that halve the picture between them, and at the end a logit
 * for each of the vocabulary's codes at each place left.
 * Source: Ramesh et al., Zero-Shot Text-to-Image Generation (2021), appendix A.
 */
import type { ConvolutionSpec } from '../../native/convolution-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { towerConfig } from './clip.ts';

export interface CodebookBlockSpec {
  /** Of the input as it is, where the width changes. */
  readonly identity?: ConvolutionSpec;
  /** Each after a ReLU. */
  readonly path: readonly ConvolutionSpec[];
}

export interface CodebookSpec {
  /** How errors name it. */
  readonly name: string;
  readonly channels: number;
  readonly vocabulary: number;
  readonly input: ConvolutionSpec;
  /** The picture is halved after each group but the last. */
  readonly groups: readonly (readonly CodebookBlockSpec[])[];
  /** What a block's path is multiplied with: one over the square of how many blocks there are. */
  readonly gain: number;
  /** After a ReLU. */
  readonly output: ConvolutionSpec;
}

/** Widths of the groups, as multiples of the configuration's. */
const WIDTHS = [1, 2, 4, 8];

/** Throws `model/bad-config`, `model/unsupported`; what does not fit in the file is told by `finish`. */
export function flavaCodebook(model: ConfigReader, weights: WeightReader): CodebookSpec {
  const config = towerConfig(model, 'image_codebook');
  // The network always has four groups; another number would only change the gain.
  const groups = config.count('num_groups', WIDTHS.length);
  const blocks = config.count('num_blocks_per_group', 2);
  const hidden = config.count('hidden_size', 256);
  const channels = config.count('input_channels', 3);
  const vocabulary = config.count('vocab_size', 8192);
  if (hidden % 4 !== 0) config.unsupported('hidden_size', 'a multiple of 4', hidden);
  const all = weights.below('image_codebook.blocks.');
  const last = hidden * WIDTHS.at(-1)!;
  return {
    name: `${config.model} (codebook)`,
    channels,
    vocabulary,
    input: convolution(all, 'input', channels, hidden, 7),
    groups: WIDTHS.map((multiple, group) =>
      Array.from({ length: blocks }, (_, block) => {
        const outputs = hidden * multiple;
        const inputs = block === 0 ? hidden * (WIDTHS[group - 1] ?? 1) : outputs;
        return codebookBlock(all.below(`group_${group + 1}.group.block_${block + 1}.`), inputs, outputs);
      }),
    ),
    gain: 1 / (groups * blocks) ** 2,
    output: convolution(all, 'output.conv', last, vocabulary, 1),
  };
}

function codebookBlock(weights: WeightReader, inputs: number, outputs: number): CodebookBlockSpec {
  const inner = outputs / 4;
  return {
    ...(inputs === outputs ? {} : { identity: convolution(weights, 'id_path', inputs, outputs, 1) }),
    path: [
      convolution(weights, 'res_path.path.conv_1', inputs, inner, 3),
      convolution(weights, 'res_path.path.conv_2', inner, inner, 3),
      convolution(weights, 'res_path.path.conv_3', inner, inner, 3),
      convolution(weights, 'res_path.path.conv_4', inner, outputs, 1),
    ],
  };
}

/** The picture keeps its size. */
function convolution(
  weights: WeightReader,
  name: string,
  inputs: number,
  outputs: number,
  kernel: number,
): ConvolutionSpec {
  return {
    weight: weights.take(`${name}.weight`, [outputs, inputs, kernel, kernel]),
    bias: weights.take(`${name}.bias`, [outputs]),
    padding: (kernel - 1) / 2,
  };
}
