/**
 * Two-dimensional convolutions in the addon, plain and transposed: weights packed once, batch norm folded in, bias and
 * activation fused. Pictures are tensors [batch, channels, height, width], or with layout 'nhwc' [batch, height, width,
 * channels], which is what the addon works in and therefore faster.
 */
import { WeftError } from '../errors.ts';
import { expectOneOf, expectTensor, expectWhole, refuse, shapeText } from './argument.ts';
import type { ConvolutionSpec, Pair } from './convolution-spec.ts';
import { type NativeConvolutionAxis, type NativeConvolutionSpec, type NativeHandle, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import { type OperatorOptions, tensorOf } from './rows.ts';
import { ACTIVATION_NAMES, type Precision } from './stack-spec.ts';
import type { Tensor } from './tensor.ts';

export type { BatchNormSpec, ConvolutionSpec, Pair } from './convolution-spec.ts';

export type PictureLayout = 'nchw' | 'nhwc';

export interface ConvolutionOptions extends OperatorOptions {
  /** Of the picture and the result; 'nchw' when left out. */
  readonly layout?: PictureLayout;
  /** Added at the end, with the result's shape; only in layout 'nhwc', and neither for depthwise nor transposed ones. */
  readonly residual?: Tensor;
}

/** Limits of native/ops/convolution_shape.h. */
const LONGEST_SIDE = 2 ** 20;
const LONGEST_KERNEL = 2 ** 10;
const OPERATOR = 'convolution';

export class Convolution {
  readonly inputs: number;
  readonly outputs: number;
  readonly #spec: NativeConvolutionSpec;
  #handle: NativeHandle<'convolution'> | undefined;

  private constructor(handle: NativeHandle<'convolution'>, spec: NativeConvolutionSpec) {
    this.#handle = handle;
    this.#spec = spec;
    this.inputs = spec.inputs;
    this.outputs = spec.outputs;
  }

  /**
   * Packs the weights. Rejects with `native/bad-argument`, `native/not-finite` (a weight after folding the norm),
   * `native/out-of-memory`, `run/cancelled`.
   */
  static async build(
    spec: ConvolutionSpec,
    { precision = 'fp32', signal }: OperatorOptions & { readonly precision?: Precision } = {},
  ): Promise<Convolution> {
    const checked = checkSpec(spec);
    const { handle } = await runNative(OPERATOR, () => nativeAddon().buildConvolution(checked, precision), signal);
    return new Convolution(handle, checked);
  }

  /** Height and width of the result for a picture of that size; 0 where the kernel does not fit. */
  sizeOf(height: number, width: number): [number, number] {
    const size = this.#spec.transposed ? transposedSize : plainSize;
    return [size(this.#spec.y, height), size(this.#spec.x, width)];
  }

  /**
   * activation(convolution + bias) + residual. Rejects with `native/bad-argument`, `native/released`,
   * `native/out-of-memory`, `run/cancelled`.
   */
  async run(picture: Tensor, { layout = 'nchw', residual, signal }: ConvolutionOptions = {}): Promise<Tensor> {
    const handle = this.#live();
    expectOneOf(OPERATOR, 'layout', layout, ['nchw', 'nhwc']);
    const channelsLast = layout === 'nhwc';
    const wanted = channelsLast ? ['batch', 'height', 'width', this.inputs] : ['batch', this.inputs, 'height', 'width'];
    expectTensor(OPERATOR, 'picture', picture, wanted);
    const [batch = 0, ...sides] = picture.shape;
    const [height, width] = channelsLast ? sides : sides.slice(1);
    const size = this.sizeOf(height!, width!);
    if (size.includes(0)) refuse(OPERATOR, 'picture', 'one that the kernel fits in', shapeText(picture.shape));
    const request = { layout, ...this.#residual(residual, layout, batch, size) };
    return await tensorOf(OPERATOR, () => nativeAddon().runConvolution(handle, picture.handle, request), signal);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    if (this.#handle === undefined) return;
    nativeAddon().releaseConvolution(this.#handle);
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #residual(residual: Tensor | undefined, layout: PictureLayout, batch: number, [height, width]: [number, number]) {
    if (residual === undefined) return {};
    const { transposed, groups, inputs } = this.#spec;
    const depthwise = groups > 1 && groups === inputs;
    if (layout !== 'nhwc' || transposed || depthwise) {
      refuse(OPERATOR, 'residual', "layout 'nhwc' and a convolution that is neither depthwise nor transposed", layout);
    }
    return { residual: expectTensor(OPERATOR, 'residual', residual, [batch, height, width, this.outputs]).handle };
  }

  #live(): NativeHandle<'convolution'> {
    if (this.#handle === undefined) throw new WeftError('native/released', { what: OPERATOR });
    return this.#handle;
  }
}

/** A convolution used once; who runs it again builds a Convolution. */
export async function conv2d(
  picture: Tensor,
  spec: ConvolutionSpec,
  options: ConvolutionOptions = {},
): Promise<Tensor> {
  using convolution = await Convolution.build(spec, { signal: options.signal });
  return await convolution.run(picture, options);
}

function checkSpec(spec: ConvolutionSpec): NativeConvolutionSpec {
  const { weight, transposed = false, groups = 1, activation = 'none', bias, norm } = spec;
  const shape = weight?.shape ?? [];
  const order = transposed ? '[inputs, outputs / groups, height, width]' : '[outputs, inputs / groups, height, width]';
  if (shape.length !== 4 || !shape.every((side) => Number.isSafeInteger(side) && side >= 1)) {
    refuse(OPERATOR, 'weight', order, shapeText(shape));
  }
  expectWhole(OPERATOR, 'groups', groups, 1, LONGEST_SIDE);
  const [first = 0, second = 0, height = 0, width = 0] = shape;
  if (first % groups !== 0) refuse(OPERATOR, 'groups', `a divisor of ${first}, the weight's first side`, groups);
  expectOneOf(OPERATOR, 'activation', activation, ACTIVATION_NAMES);
  const [y, x] = axes(spec, height, width);
  return {
    transposed,
    inputs: transposed ? first : second * groups,
    outputs: transposed ? second * groups : first,
    groups,
    y,
    x,
    weight,
    bias,
    norm,
    activation,
  };
}

function axes(spec: ConvolutionSpec, height: number, width: number): [NativeConvolutionAxis, NativeConvolutionAxis] {
  const strides = pair('stride', spec.stride ?? 1, 1, LONGEST_SIDE);
  const dilations = pair('dilation', spec.dilation ?? 1, 1, LONGEST_KERNEL);
  const extras = pair('outputPadding', spec.outputPadding ?? 0, 0, LONGEST_SIDE);
  if (!spec.transposed && (extras[0] > 0 || extras[1] > 0)) {
    refuse(OPERATOR, 'outputPadding', 'none for a convolution that is not transposed', extras);
  }
  const padding = spec.padding ?? 0;
  const [top, bottom, left, right] =
    typeof padding !== 'number' && padding.length === 4
      ? padding.map((side) => expectWhole(OPERATOR, 'padding', side, 0, LONGEST_SIDE))
      : pair('padding', padding as Pair, 0, LONGEST_SIDE).flatMap((side) => [side, side]);
  for (const side of [height, width]) expectWhole(OPERATOR, 'kernel', side, 1, LONGEST_KERNEL);
  return [
    [height, strides[0], dilations[0], top!, bottom!, extras[0]],
    [width, strides[1], dilations[1], left!, right!, extras[1]],
  ];
}

function pair(argument: string, value: Pair, least: number, most: number): [number, number] {
  const [first, second] = typeof value === 'number' ? [value, value] : value;
  return [expectWhole(OPERATOR, argument, first, least, most), expectWhole(OPERATOR, argument, second, least, most)];
}

function plainSize([kernel, stride, dilation, before, after]: NativeConvolutionAxis, size: number): number {
  const room = size + before + after - ((kernel - 1) * dilation + 1);
  return size === 0 || room < 0 ? 0 : Math.floor(room / stride) + 1;
}

function transposedSize([kernel, stride, dilation, before, after, extra]: NativeConvolutionAxis, size: number): number {
  const full = (size - 1) * stride + (kernel - 1) * dilation + 1 + extra;
  return size === 0 ? 0 : Math.max(0, full - before - after);
}
