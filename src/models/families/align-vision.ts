/**
 * ALIGN's tower of pictures, an EfficientNet: how its configuration scales the network, where it pads, what its weights are
 * called.
 * Source: Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (2019).
 */
import type { ConvolutionSpec } from '../../native/convolution-spec.ts';
import type { ActivationName } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import type { EfficientNetSpec, InvertedResidualSpec } from '../towers/efficient-net.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

/** What finish may ignore: how often training counted. */
export const BATCH_COUNTS = /\.num_batches_tracked$/;

/** One stage of the network, whose blocks repeat. */
interface Stage {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly repeats: number;
  readonly expansion: number;
}

interface Block extends Omit<Stage, 'repeats'> {
  /** The picture gets more padding at its right and bottom than at its left and top. */
  readonly uneven: boolean;
  readonly skip: boolean;
}

interface Shared {
  readonly activation: ActivationName;
  readonly epsilon: number;
  /** Channels of the squeezed picture, as a share of the block's own inputs. */
  readonly squeeze: number;
}

/** Channels that the first convolution makes, before they are scaled. */
const STEM = 32;

/** Lists that say something of each stage, and transformers' defaults: EfficientNet-B0, which the coefficients scale. */
const STAGES = {
  kernel_sizes: [3, 3, 5, 3, 5, 5, 3],
  in_channels: [32, 16, 24, 40, 80, 112, 192],
  out_channels: [16, 24, 40, 80, 112, 192, 320],
  strides: [1, 2, 2, 2, 1, 2, 1],
  num_block_repeats: [1, 2, 2, 3, 3, 4, 1],
  expand_ratios: [1, 6, 6, 6, 6, 6, 6],
} as const;

/** Throws `model/bad-config`, `model/unsupported`; what does not fit in the file is told by `finish`. */
export function alignVision(config: ConfigReader, weights: WeightReader): EfficientNetSpec {
  const shared: Shared = {
    activation: readActivation(config, 'hidden_act', 'swish'),
    epsilon: config.number('batch_norm_eps', 1e-3),
    squeeze: config.number('squeeze_expansion_ratio', 0.25),
  };
  const channels = config.count('num_channels', 3);
  const scale = readScale(config);
  const blocks = readBlocks(config, scale);
  const stem = scale(STEM);
  return {
    name: `${config.model} (vision)`,
    channels,
    stem: {
      ...convolution(weights, 'embeddings.convolution', 'embeddings.batchnorm', [stem, channels, 3, 3], shared),
      stride: 2,
      padding: [0, 1, 0, 1],
    },
    blocks: blocks.map((block, index) => residual(weights.below(`encoder.blocks.${index}.`), block, shared)),
    pooling: readPooling(config),
    largestSide: config.count('hidden_dim', 2560),
    width: blocks.at(-1)?.outputs ?? stem,
  };
}

function residual(
  weights: WeightReader,
  { inputs, outputs, kernel, stride, expansion, uneven, skip }: Block,
  shared: Shared,
): InvertedResidualSpec {
  const inner = inputs * expansion;
  const squeezed = Math.max(1, Math.trunc(inputs * shared.squeeze));
  const expand = () =>
    convolution(weights, 'expansion.expand_conv', 'expansion.expand_bn', [inner, inputs, 1, 1], shared);
  const name = 'depthwise_conv.depthwise_';
  const linear = { ...shared, activation: 'none' } as const;
  return {
    ...(expansion === 1 ? {} : { expand: expand() }),
    depthwise: {
      ...convolution(weights, `${name}conv`, `${name}norm`, [inner, 1, kernel, kernel], shared),
      groups: inner,
      stride,
      padding: depthwisePadding(kernel, stride, uneven),
    },
    shrink: biased(weights, 'squeeze_excite.reduce', squeezed, inner, shared.activation),
    grow: biased(weights, 'squeeze_excite.expand', inner, squeezed, 'sigmoid'),
    project: convolution(weights, 'projection.project_conv', 'projection.project_bn', [outputs, inner, 1, 1], linear),
    skip,
  };
}

/** Top, bottom, left, right. With stride 1 the picture keeps its size, as with `padding="same"` in PyTorch. */
function depthwisePadding(kernel: number, stride: number, uneven: boolean): readonly [number, number, number, number] {
  const half = Math.floor(kernel / 2);
  if (stride === 1) {
    const before = Math.floor((kernel - 1) / 2);
    return [before, half, before, half];
  }
  const before = uneven ? half - 1 : half;
  return [before, half, before, half];
}

function convolution(
  weights: WeightReader,
  name: string,
  norm: string,
  shape: readonly [number, number, number, number],
  { activation, epsilon }: Shared,
): ConvolutionSpec {
  const [outputs] = shape;
  return {
    weight: weights.take(`${name}.weight`, shape),
    norm: {
      mean: weights.take(`${norm}.running_mean`, [outputs]),
      variance: weights.take(`${norm}.running_var`, [outputs]),
      weight: weights.take(`${norm}.weight`, [outputs]),
      bias: weights.take(`${norm}.bias`, [outputs]),
      epsilon,
    },
    activation,
  };
}

function biased(
  weights: WeightReader,
  name: string,
  outputs: number,
  inputs: number,
  activation: ActivationName,
): ConvolutionSpec {
  return {
    weight: weights.take(`${name}.weight`, [outputs, inputs, 1, 1]),
    bias: weights.take(`${name}.bias`, [outputs]),
    activation,
  };
}

function readBlocks(config: ConfigReader, scale: (channels: number) => number): Block[] {
  const repeated = config.number('depth_coefficient', 3.1);
  const evenBlocks = new Set(config.ids('depthwise_padding'));
  const blocks: Block[] = [];
  for (const stage of readStages(config)) {
    const [inputs, outputs] = [scale(stage.inputs), scale(stage.outputs)];
    for (let repeat = 0; repeat < Math.ceil(repeated * stage.repeats); repeat += 1) {
      const stride = repeat === 0 ? stage.stride : 1;
      blocks.push({
        ...stage,
        inputs: repeat === 0 ? inputs : outputs,
        outputs,
        stride,
        uneven: !evenBlocks.has(blocks.length),
        skip: repeat > 0,
      });
    }
  }
  return blocks;
}

function readStages(config: ConfigReader): Stage[] {
  const list = (key: keyof typeof STAGES): readonly number[] => {
    const values = config.has(key) ? config.ids(key) : STAGES[key];
    if (values.includes(0)) config.bad(key, 'whole numbers from 1', values);
    return values;
  };
  const inputs = list('in_channels');
  const all = (Object.keys(STAGES) as (keyof typeof STAGES)[]).map((key) => [key, list(key)] as const);
  for (const [key, values] of all) {
    if (values.length !== inputs.length) config.bad(key, `${inputs.length} numbers, as "in_channels" has`, values);
  }
  const [kernels, , outputs, strides, repeats, expansions] = all.map(([, values]) => values);
  if (!strides!.every((stride) => stride <= 2)) config.unsupported('strides', 'strides of 1 and 2', strides);
  return inputs.map((channels, stage) => ({
    inputs: channels,
    outputs: outputs![stage]!,
    kernel: kernels![stage]!,
    stride: strides![stage]!,
    repeats: repeats![stage]!,
    expansion: expansions![stage]!,
  }));
}

/** Scaled to a multiple of the divisor, rounded to nearest, but never down by more than a tenth. */
function readScale(config: ConfigReader): (channels: number) => number {
  const divisor = config.count('depth_divisor', 8);
  const coefficient = config.number('width_coefficient', 2);
  return (channels) => {
    const wanted = channels * coefficient;
    const rounded = Math.max(divisor, Math.floor(Math.trunc(wanted + divisor / 2) / divisor) * divisor);
    return rounded < 0.9 * wanted ? rounded + divisor : rounded;
  };
}

function readPooling(config: ConfigReader): 'mean' | 'max' {
  const pooling = config.text('pooling_type', 'mean');
  return pooling === 'mean' || pooling === 'max' ? pooling : config.bad('pooling_type', '"mean" or "max"', pooling);
}
