/**
 * scikit-image's antialiased resize as OWLv2 uses it: a Gaussian blur, then linear interpolation, both with mirrored
 * borders. Both are linear and separable, so each output sample is one weighted sum of input samples; this file makes
 * those weights for one axis. Pure arithmetic, no pixels.
 */

export interface AxisWeights {
  /** First input sample of every output sample. */
  readonly starts: Int32Array;
  /** Where each output sample's weights begin in `weights`; one more entry ends the last. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/** Weights from `length` samples to `target` samples. */
export function axisWeights(length: number, target: number): AxisWeights {
  const scale = length / target;
  const blur = gaussian(Math.max(0, (scale - 1) / 2));
  const radius = (blur.length - 1) / 2;
  const starts = new Int32Array(target);
  const offsets = new Int32Array(target + 1);
  const weights: number[] = [];
  for (let index = 0; index < target; index += 1) {
    const position = (index + 0.5) * scale - 0.5;
    const left = Math.floor(position);
    const fraction = position - left;
    const sums = new Map<number, number>();
    for (const [tap, share] of [
      [left, 1 - fraction],
      [left + 1, fraction],
    ] as const) {
      // The interpolation mirrors first: it reads a blurred sample that exists, which is itself blurred with a mirror.
      const middle = mirrored(tap, length);
      for (let offset = -radius; offset <= radius; offset += 1) {
        const sample = mirrored(middle + offset, length);
        sums.set(sample, (sums.get(sample) ?? 0) + share * (blur[offset + radius] as number));
      }
    }
    const first = Math.min(...sums.keys());
    const last = Math.max(...sums.keys());
    starts[index] = first;
    for (let sample = first; sample <= last; sample += 1) weights.push(sums.get(sample) ?? 0);
    offsets[index + 1] = weights.length;
  }
  return { starts, offsets, weights: Float64Array.from(weights) };
}

/** Normalised kernel cut at four deviations; [1] where there is nothing to blur. */
function gaussian(deviation: number): Float64Array {
  const radius = Math.trunc(4 * deviation + 0.5);
  const kernel = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let offset = -radius; offset <= radius; offset += 1) {
    const value = deviation === 0 ? 1 : Math.exp((-0.5 * offset * offset) / (deviation * deviation));
    kernel[offset + radius] = value;
    sum += value;
  }
  return kernel.map((value) => value / sum);
}

/** d c b | a b c d | c b a: the edge sample is not repeated. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}
