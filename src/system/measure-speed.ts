/**
 * What the addon reaches on this machine, in about a second. The peak and the products that are read beside it take
 * turns, so that both see the same clock and the same neighbours; the best of the rounds counts.
 */
import { Tensor } from '../native/tensor.ts';
import { measureMatrixProducts, measureMultiplyAdds, measureReading, type Throughput } from '../native/throughput.ts';
import type { MeasuredSpeed } from '../protocol/system-report.ts';

const ROUNDS = 24;
/** A millisecond or two with vectors: short beside the slices in which neighbours take turns with us. */
const OPERATIONS = 5e8;
/** Beyond the last cache of nearly every processor; floats. */
const READ_FLOATS = 2 ** 25;
/** No round begins later: a scalar oracle takes seconds for what vectors do in milliseconds. */
const PATIENCE_MS = 1200;

type Measurement = keyof MeasuredSpeed;

/** Never rejects: what fails is null. */
export async function measureSpeed(): Promise<MeasuredSpeed> {
  const best: Record<Measurement, number | null> = {
    multiplyAdds: null,
    productsFp32: null,
    productsInt8: null,
    reading: null,
  };
  const tensor = largeTensor();
  const measurements: [Measurement, () => Promise<Throughput>][] = [
    ['multiplyAdds', () => measureMultiplyAdds(OPERATIONS)],
    ['productsFp32', () => measureMatrixProducts('fp32', OPERATIONS)],
    ['productsInt8', () => measureMatrixProducts('int8', OPERATIONS)],
  ];
  if (tensor !== undefined) measurements.push(['reading', () => measureReading(tensor)]);
  const end = performance.now() + PATIENCE_MS;
  for (let round = 0; round < ROUNDS && performance.now() < end; round += 1) {
    for (const [name, measure] of measurements) {
      const perSecond = await measure().then(
        ({ amount, seconds }) => amount / seconds,
        () => undefined,
      );
      if (perSecond !== undefined) best[name] = Math.max(best[name] ?? 0, perSecond);
    }
  }
  tensor?.release();
  return best;
}

/** Undefined where the memory for it is not there. */
function largeTensor(): Tensor | undefined {
  try {
    return Tensor.from(new Float32Array(READ_FLOATS), [READ_FLOATS]);
  } catch {
    return undefined;
  }
}
