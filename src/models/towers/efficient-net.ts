/**
 * A network of inverted residual blocks with squeeze and excitation: built once, run on pictures of any size, one after the
 * other, each with all threads. Knows no files and no preprocessing.
 * Sources: Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (2019); Hu et al.,
 * Squeeze-and-Excitation Networks (2017).
 */
import { WeftError } from '../../errors.ts';
import { concat, mean, multiply, permute, reshape } from '../../native/arrange.ts';
import { Convolution } from '../../native/convolution.ts';
import type { ConvolutionSpec } from '../../native/convolution-spec.ts';
import type { Precision } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import type { PictureEncoder } from './dual-encoder.ts';
import type { BuildOptions, Pictures } from './picture-tower.ts';

/** project(excited * depthwise(expand(x))), where excited = grow(shrink(mean over the picture)); plus x where it skips. */
export interface InvertedResidualSpec {
  readonly expand?: ConvolutionSpec;
  readonly depthwise: ConvolutionSpec;
  readonly shrink: ConvolutionSpec;
  readonly grow: ConvolutionSpec;
  readonly project: ConvolutionSpec;
  readonly skip: boolean;
}

export interface EfficientNetSpec {
  /** How errors name it. */
  readonly name: string;
  readonly channels: number;
  readonly stem: ConvolutionSpec;
  readonly blocks: readonly InvertedResidualSpec[];
  /** What is read off the last block: the mean of its pixels, or the largest number of each channel. */
  readonly pooling: 'mean' | 'max';
  /** Most pixels of a side that are pooled into one. */
  readonly largestSide: number;
  /** Channels of the last block. */
  readonly width: number;
}

export interface EfficientNetResult {
  /** [batch, width]. */
  readonly pooled: Tensor;
  /** What the stem gives, then each block: [batch, channels, height, width]. Empty unless asked for. */
  readonly hiddenStates: readonly Tensor[];
}

export interface EfficientNetRunOptions {
  readonly hiddenStates?: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface Block {
  readonly expand: Convolution | undefined;
  readonly depthwise: Convolution;
  readonly shrink: Convolution;
  readonly grow: Convolution;
  readonly project: Convolution;
  readonly skip: boolean;
}

const BYTES: Readonly<Record<Precision, number>> = { fp32: 4, bf16: 2, int8: 1 };

export class EfficientNet implements PictureEncoder {
  readonly name: string;
  readonly blocks: number;
  readonly bytes: number;
  readonly #spec: EfficientNetSpec;
  readonly #stem: Convolution;
  readonly #blocks: readonly Block[];

  private constructor(spec: EfficientNetSpec, stem: Convolution, blocks: readonly Block[], bytes: number) {
    this.name = spec.name;
    this.blocks = blocks.length;
    this.bytes = bytes;
    this.#spec = spec;
    this.#stem = stem;
    this.#blocks = blocks;
  }

  /** Rejects as `Convolution.build` does. */
  static async build(spec: EfficientNetSpec, options: BuildOptions = {}): Promise<EfficientNet> {
    let numbers = 0;
    const build = (convolution: ConvolutionSpec) => {
      numbers += convolution.weight.shape.reduce((count, side) => count * side, 1);
      return Convolution.build(convolution, options);
    };
    const stem = await build(spec.stem);
    const blocks: Block[] = [];
    for (const { expand, depthwise, shrink, grow, project, skip } of spec.blocks) {
      blocks.push({
        expand: expand && (await build(expand)),
        depthwise: await build(depthwise),
        shrink: await build(shrink),
        grow: await build(grow),
        project: await build(project),
        skip,
      });
    }
    return new EfficientNet(spec, stem, blocks, numbers * BYTES[options.precision ?? 'fp32']);
  }

  /** Rejects with `model/bad-input` for pictures of other channels or that are too large, and as `Convolution.run`. */
  async run(
    pictures: Pictures,
    { hiddenStates = false, signal }: EfficientNetRunOptions = {},
  ): Promise<EfficientNetResult> {
    const [batch = 0, channels, height = 0, width = 0] = pictures.shape;
    if (pictures.shape.length !== 4 || channels !== this.#spec.channels || batch < 1) this.#refuse(pictures.shape);
    const count = pictures.data.length / batch;
    const states: Tensor[][] = [];
    const pooled: Tensor[] = [];
    for (let picture = 0; picture < batch; picture += 1) {
      const data = pictures.data.subarray(picture * count, (picture + 1) * count);
      using planes = Tensor.from(data, [1, channels, height, width]);
      const seen: Tensor[] = [];
      pooled.push(await this.#runOne(planes, hiddenStates ? seen : undefined, signal));
      states.push(seen);
    }
    const all = (states[0] ?? []).map((_, state) =>
      joined(
        states.map((seen) => seen[state]!),
        signal,
      ),
    );
    return { pooled: await joined(pooled, signal), hiddenStates: await Promise.all(all) };
  }

  async embed(pictures: Pictures, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    return (await this.run(pictures, { signal })).pooled;
  }

  release(): void {
    this.#stem.release();
    for (const { skip: _, ...convolutions } of this.#blocks) {
      for (const convolution of Object.values(convolutions)) convolution?.release();
    }
  }

  /** [1, channels, height, width] to [1, width]; pushes every block's output to `seen`. */
  async #runOne(planes: Tensor, seen: Tensor[] | undefined, signal: AbortSignal | undefined): Promise<Tensor> {
    using picture = await permute(planes, [0, 2, 3, 1], { signal });
    let x = await this.#stem.run(picture, { layout: 'nhwc', signal });
    seen?.push(await permute(x, [0, 3, 1, 2], { signal }));
    for (const block of this.#blocks) {
      const input = x;
      x = await runBlock(block, input, signal);
      input.release();
      seen?.push(await permute(x, [0, 3, 1, 2], { signal }));
    }
    using last = x;
    const sides = last.shape.slice(1, 3);
    if (Math.max(...sides) > this.#spec.largestSide) this.#refuse(planes.shape);
    return this.#spec.pooling === 'mean' ? await meanOfPixels(last, signal) : largestOfPixels(last);
  }

  #refuse(shape: readonly number[]): never {
    const { channels, largestSide } = this.#spec;
    const expected = `float32 [batch x ${channels} x height x width], at most ${largestSide} pixels of a side at its end,`;
    const received = `[${shape.join(' x ')}]`;
    throw new WeftError('model/bad-input', { model: this.name, input: 'pixel_values', expected, received });
  }
}

async function runBlock(block: Block, input: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
  const options = { layout: 'nhwc', signal } as const;
  const expanded = block.expand === undefined ? input : await block.expand.run(input, options);
  using filtered = await block.depthwise.run(expanded, options);
  if (expanded !== input) expanded.release();
  const width = filtered.shape[3]!;
  using average = await meanOfPixels(filtered, signal);
  using squeezed = reshape(average, [1, 1, 1, width]);
  using shrunk = await block.shrink.run(squeezed, options);
  using grown = await block.grow.run(shrunk, options);
  using excitation = reshape(grown, [width]);
  using excited = await multiply(filtered, excitation, { signal });
  return await block.project.run(excited, { ...options, ...(block.skip ? { residual: input } : {}) });
}

/** [1, height, width, channels] to [1, channels]. */
async function meanOfPixels(x: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
  const [, height = 0, width = 0, channels = 0] = x.shape;
  using pixels = reshape(x, [1, height * width, channels]);
  return await mean(pixels, 1, { signal });
}

/** As `meanOfPixels`; what is left of a picture here is small. */
function largestOfPixels(x: Tensor): Tensor {
  const channels = x.shape[3]!;
  const largest = new Float32Array(channels).fill(Number.NEGATIVE_INFINITY);
  for (const [index, value] of x.toFloats().entries()) {
    const channel = index % channels;
    largest[channel] = Math.max(largest[channel]!, value);
  }
  return Tensor.from(largest, [1, channels]);
}

/** Along the first axis; lets go of the parts. */
async function joined(parts: readonly Tensor[], signal: AbortSignal | undefined): Promise<Tensor> {
  const [only] = parts;
  if (parts.length === 1) return only!;
  const all = await concat(parts, 0, { signal });
  for (const part of parts) part.release();
  return all;
}
