/**
 * The temperature of a contrastive model: exp(logit_scale), read from its weights without loading them.
 * Source: CLIP (Radford et al. 2021), where `logit_scale` is stored as the logarithm.
 */
import { WeftError } from '../errors.ts';
import type { JsonObject } from './read-json.ts';
import { WeightFiles } from './weights/weight-files.ts';
import { WeightReader } from './weights/weight-reader.ts';

/** What transformers starts training with where config.json says nothing: ln(1 / 0.07), rounded as there. */
const DEFAULT_INITIAL = 2.6592;

/** exp(logit_scale) of the weights, else of config.json's `logit_scale_init_value`. Throws `model/bad-weights`. */
export async function readLogitScale(folder: string, config: JsonObject, model: string): Promise<number> {
  const stored = await storedScale(folder, model);
  if (stored !== undefined) return Math.exp(stored);
  const initial = config.logit_scale_init_value;
  return Math.exp(typeof initial === 'number' && Number.isFinite(initial) ? initial : DEFAULT_INITIAL);
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
