/**
 * The temperature of a contrastive model: exp(logit_scale), read from its weights without loading them.
 * Source: CLIP (Radford et al. 2021), where `logit_scale` is stored as the logarithm.
 */
import { WeftError } from '../errors.ts';
import type { Checkpoint } from './towers/checkpoint.ts';
import { WeightFiles } from './weights/weight-files.ts';
import { WeightReader } from './weights/weight-reader.ts';

/** What transformers starts training with where config.json says nothing: ln(1 / 0.07), rounded as there. */
const DEFAULT_INITIAL = 2.6592;

/** exp(logit_scale) of the weights, else of config.json's `logit_scale_init_value`. Throws `model/bad-weights`, `model/bad-config`. */
export async function readLogitScale({ folder, config, model }: Omit<Checkpoint, 'weights'>): Promise<number> {
  const stored = await storedScale(folder, model);
  return Math.exp(stored ?? config.number('logit_scale_init_value', DEFAULT_INITIAL));
}

async function storedScale(folder: string, model: string): Promise<number | undefined> {
  const weights = await WeightFiles.open(folder, { model }).catch(undefinedWhenMissing);
  if (weights === undefined) return undefined;
  try {
    const reader = new WeightReader(weights);
    const scalar = await reader.floats('logit_scale', [], { optional: true });
    reader.finish({ ignore: [/^/] });
    return scalar?.[0];
  } finally {
    weights.close();
  }
}

/** A folder of ONNX files may have no other weights. */
function undefinedWhenMissing(thrown: unknown): undefined {
  if (thrown instanceof WeftError && thrown.code === 'model/missing-file') return undefined;
  throw thrown;
}
