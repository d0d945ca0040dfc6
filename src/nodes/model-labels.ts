/** Class names out of a model folder's config.json (`id2label`, as Hugging Face writes it). */
import { stat } from 'node:fs/promises';
import { WeftError } from '../errors.ts';
import { isObject, readJson } from '../models/read-json.ts';
import type { ModelAccess } from './services.ts';

/** Undefined when the model has no config.json, or one without class names. Throws model/not-found, model/bad-config. */
export async function modelLabels(models: ModelAccess, model: string): Promise<readonly string[] | undefined> {
  const place = await models.folder(model);
  if (!(await stat(place)).isDirectory()) return undefined;
  const names = (await readJson(place, 'config.json', model))?.id2label;
  if (names === undefined) return undefined;
  const labels = isObject(names) ? Object.keys(names).map((_, index) => names[index]) : [undefined];
  if (labels.some((label) => typeof label !== 'string')) {
    throw new WeftError('model/bad-config', {
      model,
      file: 'config.json',
      expected: 'id2label with a name for every number from 0',
      received: JSON.stringify(names).slice(0, 100),
    });
  }
  return labels as string[];
}
