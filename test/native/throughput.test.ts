import { describe, expect, it } from 'vitest';
import { Tensor } from '../../src/native/tensor.ts';
import { measureMatrixProducts, measureMultiplyAdds, measureReading } from '../../src/native/throughput.ts';

describe('measureMultiplyAdds', () => {
  it('does at least what it was asked for and says how long it took', async () => {
    const { amount, seconds } = await measureMultiplyAdds(1e8);
    expect(amount).toBeGreaterThanOrEqual(1e8);
    expect(seconds).toBeGreaterThan(0);
  });

  it.each([-1, Number.NaN, 1e14])('refuses %s operations', async (operations) => {
    await expect(measureMultiplyAdds(operations)).rejects.toMatchObject({ code: 'native/bad-argument' });
  });
});

describe('measureMatrixProducts', () => {
  it.each(['fp32', 'bf16', 'int8'] as const)('does at least what it was asked for in %s', async (precision) => {
    const { amount, seconds } = await measureMatrixProducts(precision, 2e9);
    expect(amount).toBeGreaterThanOrEqual(2e9);
    expect(seconds).toBeGreaterThan(0);
  });

  it('refuses other precisions and numbers', async () => {
    await expect(measureMatrixProducts('fp8' as never)).rejects.toMatchObject({ code: 'native/bad-argument' });
    await expect(measureMatrixProducts('fp32', -1)).rejects.toMatchObject({ code: 'native/bad-argument' });
  });
});

describe('measureReading', () => {
  it('reads a tensor once', async () => {
    const tensor = Tensor.from(new Float32Array(300_000).fill(1), [300_000]);
    const { amount, seconds } = await measureReading(tensor);
    expect(amount).toBe(1_200_000);
    expect(seconds).toBeGreaterThan(0);
    tensor.release();
    await expect(measureReading(tensor)).rejects.toMatchObject({ code: 'native/released' });
  });
});
