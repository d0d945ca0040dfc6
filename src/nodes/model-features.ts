/** What nodes that take rows from a model's towers share. Knows no family. */
import { WeftError } from '../errors.ts';
import type { TowerFeatures } from '../models/pipelines/tower-features.ts';
import type { ParamSpecs } from '../protocol/param.ts';
import type { ModelSettings } from './model-task.ts';
import { precisionParam } from './precision-param.ts';
import type { Services } from './services.ts';

export { MODEL_ERRORS } from './model-task.ts';

/** Any family: which of them have towers is known when one is loaded. */
export function featureParams(tower: 'picture' | 'text') {
  return {
    model: { kind: 'model', families: [], doc: `A model with a ${tower} tower.` },
    precision: precisionParam,
  } as const satisfies ParamSpecs;
}

/** Throws what loading throws, and `model/unsupported` for a model without such a tower. */
export async function featuresFrom<Side extends keyof TowerFeatures>(
  services: Pick<Services, 'family'>,
  { model: ref, precision }: ModelSettings,
  side: Side,
): Promise<NonNullable<TowerFeatures[Side]>> {
  const { features = {}, architecture } = await services.family(ref, { precision });
  const found = features[side];
  if (found !== undefined) return found as NonNullable<TowerFeatures[Side]>;
  const sides = Object.keys(features).join(' and ') || 'none';
  const received = `${architecture}, which gives features of ${sides}`;
  throw new WeftError('model/unsupported', { model: ref, expected: `a model with features of ${side}s`, received });
}
