/**
 * Rotary positions as configurations describe them: the angle of each pair of a head's numbers at position 1, scaled for
 * texts longer than those of pretraining. Must not know families.
 * Sources: Su et al., RoFormer (2021); Chen et al., Position Interpolation (2023) for `linear`; Peng et al., YaRN (2023);
 * Llama 3's `llama3` as its configuration defines it (Grattafiori et al., The Llama 3 Herd of Models, 2024).
 */
import type { StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from './config-reader.ts';

type Rotary = NonNullable<StackSpec['rotary']>;

interface Scaling {
  readonly options: ConfigReader;
  readonly base: number;
  /** Numbers of a head that turn. */
  readonly size: number;
  /** Tokens of the texts of pretraining. */
  readonly length: number;
  readonly most: number;
}

/** `dynamic` changes nothing until a text is longer than the positions, and none is let in here. */
const SCALINGS: Readonly<Record<string, (frequencies: number[], scaling: Scaling) => Rotary>> = {
  default: unscaled,
  dynamic: unscaled,
  linear: (frequencies, { options }) => {
    const factor = options.number('factor');
    return unscaled(frequencies.map((frequency) => frequency / factor));
  },
  llama3,
  yarn,
};

/**
 * Reads `rope_parameters`, or `rope_theta` and `rope_scaling` as transformers 4 wrote them.
 * Throws `model/unsupported` for a scaling that is none of these, `model/bad-config`.
 */
export function readRotary(config: ConfigReader, headSize: number, positions: number): Rotary {
  const options = config.section(config.has('rope_parameters') ? 'rope_parameters' : 'rope_scaling');
  const key = options.has('rope_type') ? 'rope_type' : 'type';
  const kind = options.text(key, 'default');
  const scale = SCALINGS[kind];
  if (scale === undefined || !Object.hasOwn(SCALINGS, kind)) {
    return options.unsupported(key, `one of ${Object.keys(SCALINGS).join(', ')}`, kind);
  }
  const part = (kind === 'default' ? undefined : partOf(options, config)) ?? 1;
  const size = Math.trunc(headSize * part);
  if (size < 2 || size % 2 !== 0 || size > headSize) {
    config.bad('head_dim', 'heads of an even number of numbers that turn', size);
  }
  const base = options.has('rope_theta') ? options.number('rope_theta') : config.number('rope_theta', 10_000);
  const frequencies = Array.from({ length: size / 2 }, (_, pair) => base ** ((-2 * pair) / size));
  const place = config.has('original_max_position_embeddings') ? config : options;
  const length = place.count('original_max_position_embeddings', positions);
  return scale(frequencies, { options, base, size, length, most: positions });
}

/** Llama itself turns whole heads; only its scaled forms read the share. */
function partOf(options: ConfigReader, config: ConfigReader): number | undefined {
  const place = [options, config].find((one) => one.has('partial_rotary_factor'));
  return place?.number('partial_rotary_factor');
}

function unscaled(frequencies: number[]): Rotary {
  return { inverseFrequencies: Float32Array.from(frequencies) };
}

/** Long waves are stretched, short ones stay, and those between go from one to the other. */
function llama3(frequencies: number[], { options, length }: Scaling): Rotary {
  const factor = options.number('factor');
  const low = options.number('low_freq_factor');
  const high = options.number('high_freq_factor');
  return unscaled(
    frequencies.map((frequency) => {
      const turns = (length * frequency) / (2 * Math.PI);
      if (turns < low) return frequency / factor;
      if (turns > high) return frequency;
      const share = (turns - low) / (high - low);
      return ((1 - share) * frequency) / factor + share * frequency;
    }),
  );
}

/** A ramp over the pairs from frequencies that stay to frequencies divided by the factor; cosines and sines are scaled. */
function yarn(frequencies: number[], { options, base, size, length, most }: Scaling): Rotary {
  const factor = options.number('factor', most / length);
  // As in transformers, 0 counts as left out.
  const pairOf = (turns: number) => (size * Math.log(length / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const fast = pairOf(options.number('beta_fast', 32) || 32);
  const slow = pairOf(options.number('beta_slow', 1) || 1);
  const isWhole = options.flag('truncate', true);
  const first = Math.max(0, isWhole ? Math.floor(fast) : fast);
  const last = Math.min(size - 1, isWhole ? Math.ceil(slow) : slow);
  const span = last === first ? 0.001 : last - first;
  const inverseFrequencies = Float32Array.from(frequencies, (frequency, pair) => {
    const stretched = Math.min(1, Math.max(0, (pair - first) / span));
    return (stretched * frequency) / factor + (1 - stretched) * frequency;
  });
  return { inverseFrequencies, scale: yarnScale(options, factor) };
}

function yarnScale(options: ConfigReader, factor: number): number {
  if (options.has('attention_factor')) return options.number('attention_factor');
  const scale = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  const [own, all] = [options.number('mscale', 0), options.number('mscale_all_dim', 0)];
  return own !== 0 && all !== 0 ? scale(own) / scale(all) : scale(1);
}
