/** Convolutions by their definition, for tests: pictures and weights as flat arrays in PyTorch's order. */

export interface ReferenceConvolution {
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** top, bottom, left, right */
  readonly padding: readonly [number, number, number, number];
  readonly transposed: boolean;
  readonly outputPadding: readonly [number, number];
}

/** [batch, inputs, height, width] to [batch, outputs, ...size]. */
export function referenceConvolution(
  shape: ReferenceConvolution,
  picture: Float32Array,
  [batch, height, width]: readonly [number, number, number],
  weight: Float32Array,
  [outHeight, outWidth]: readonly [number, number],
): Float64Array {
  const { inputs, outputs, groups, kernel, stride, dilation, padding, transposed } = shape;
  const out = new Float64Array(batch * outputs * outHeight * outWidth);
  const [groupInputs, groupOutputs] = [inputs / groups, outputs / groups];
  // The side that is small of a plain convolution is large of a transposed one; the taps join the same pairs.
  const [smallHeight, smallWidth] = transposed ? [height, width] : [outHeight, outWidth];
  const [largeHeight, largeWidth] = transposed ? [outHeight, outWidth] : [height, width];
  for (let item = 0; item < batch; item += 1) {
    for (let output = 0; output < outputs; output += 1) {
      const group = Math.floor(output / groupOutputs);
      for (let channel = 0; channel < groupInputs; channel += 1) {
        const input = group * groupInputs + channel;
        const matrix = transposed ? input * groupOutputs + (output % groupOutputs) : output * groupInputs + channel;
        for (let tap = 0; tap < kernel[0] * kernel[1]; tap += 1) {
          const factor = weight[matrix * kernel[0] * kernel[1] + tap]!;
          const [ky, kx] = [Math.floor(tap / kernel[1]), tap % kernel[1]];
          for (let y = 0; y < smallHeight; y += 1) {
            const largeY = y * stride[0] + ky * dilation[0] - padding[0];
            if (largeY < 0 || largeY >= largeHeight) continue;
            for (let x = 0; x < smallWidth; x += 1) {
              const largeX = x * stride[1] + kx * dilation[1] - padding[2];
              if (largeX < 0 || largeX >= largeWidth) continue;
              const small = y * smallWidth + x;
              const large = largeY * largeWidth + largeX;
              const from = (item * inputs + input) * height * width + (transposed ? small : large);
              const to = (item * outputs + output) * outHeight * outWidth + (transposed ? large : small);
              out[to]! += factor * picture[from]!;
            }
          }
        }
      }
    }
  }
  return out;
}

/** A picture [batch, channels, pixels] as [batch, pixels, channels]. */
export function channelsLast<Numbers extends Float32Array | Float64Array>(
  picture: Numbers,
  batch: number,
  channels: number,
): Numbers {
  const pixels = picture.length / batch / channels;
  const turned = picture.slice() as Numbers;
  for (let item = 0; item < batch; item += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        turned[(item * pixels + pixel) * channels + channel] = picture[(item * channels + channel) * pixels + pixel]!;
      }
    }
  }
  return turned;
}
