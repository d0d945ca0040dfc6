/** Labels as texts that a model is asked with. Pure. */
import { WeftError } from '../../errors.ts';

/** Puts each label where the template has `{}`. Throws `model/bad-input` for no labels and for a template without a place. */
export function promptsOf(model: string, labels: readonly string[], template = '{}'): string[] {
  if (labels.length === 0) {
    throw new WeftError('model/bad-input', { model, input: 'labels', expected: 'at least one', received: 'none' });
  }
  if (!template.includes('{}')) {
    const received = JSON.stringify(template.slice(0, 100));
    throw new WeftError('model/bad-input', { model, input: 'template', expected: 'a text with {} in it', received });
  }
  return labels.map((label) => template.replaceAll('{}', () => label));
}
