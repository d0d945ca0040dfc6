import { describe, expect, it } from 'vitest';
import { ConfigReader } from '../../../src/models/blocks/config-reader.ts';
import { readRotary } from '../../../src/models/blocks/rotary.ts';

const read = (options: Record<string, unknown>, size = 8, positions = 64) =>
  readRotary(new ConfigReader(options, { model: 'test/rotary' }), size, positions);

describe('rotary positions', () => {
  it('halve the exponent of the base from pair to pair', () => {
    expect([...read({ rope_theta: 16 }).inverseFrequencies]).toEqual([1, 0.5, 0.25, 0.125]);
    expect(read({}).inverseFrequencies[1]).toBeCloseTo(10_000 ** -0.25, 7);
  });

  it('reads what transformers 4 wrote as what 5 writes', () => {
    const scaling = { factor: 4, low_freq_factor: 1, high_freq_factor: 3, original_max_position_embeddings: 16 };
    const now = read({ rope_parameters: { rope_type: 'llama3', rope_theta: 500, ...scaling } });
    expect(read({ rope_theta: 500, rope_scaling: { rope_type: 'llama3', ...scaling } })).toEqual(now);
    expect(read({ rope_theta: 500, rope_scaling: { type: 'llama3', ...scaling } })).toEqual(now);
    expect(read({ rope_theta: 500 })).not.toEqual(now);
  });

  it('divides all frequencies for linear scaling', () => {
    const scaled = read({ rope_theta: 16, rope_scaling: { type: 'linear', factor: 2 } });
    expect([...scaled.inverseFrequencies]).toEqual([0.5, 0.25, 0.125, 0.0625]);
  });

  it('scales dynamically only beyond the positions, which nothing reaches', () => {
    expect(read({ rope_theta: 16, rope_scaling: { type: 'dynamic', factor: 2 } })).toEqual(read({ rope_theta: 16 }));
  });

  it('turns a part of each head where a scaling says so', () => {
    const options = { rope_theta: 16, partial_rotary_factor: 0.5, rope_scaling: { type: 'linear', factor: 1 } };
    expect([...read(options).inverseFrequencies]).toEqual([1, 0.25]);
  });

  it('takes the scale of YaRN from the configuration, or from both of its weights', () => {
    const yarn = { rope_type: 'yarn', rope_theta: 100, factor: 4, original_max_position_embeddings: 16 };
    expect(read({ rope_parameters: yarn }).scale).toBeCloseTo(0.1 * Math.log(4) + 1, 12);
    expect(read({ rope_parameters: { ...yarn, attention_factor: 1.5 } }).scale).toBe(1.5);
    const weighted = read({ rope_parameters: { ...yarn, mscale: 2, mscale_all_dim: 1 } }).scale;
    expect(weighted).toBeCloseTo((0.2 * Math.log(4) + 1) / (0.1 * Math.log(4) + 1), 12);
  });

  it('refuses other scalings by name', () => {
    for (const kind of ['longrope', 'toString']) {
      expect(() => read({ rope_scaling: { rope_type: kind } })).toThrow(
        expect.objectContaining({ code: 'model/unsupported', message: expect.stringContaining(kind) }),
      );
    }
  });

  it('refuses heads that cannot be turned', () => {
    expect(() => read({}, 7)).toThrow(expect.objectContaining({ code: 'model/bad-config' }));
  });
});
