/** How much can still be written after a prompt. Knows no family. */
import { WeftError } from '../../errors.ts';

/**
 * As many tokens as wanted, or as fit after the prompt; the last one written needs no position. Throws `model/bad-input` for
 * a prompt without tokens, or one that leaves no room.
 */
export function roomFor(model: string, prompt: number, positions: number, wanted: number): number {
  if (prompt >= 1 && prompt <= positions) return Math.min(wanted, positions - prompt + 1);
  const expected = `from 1 to ${positions} tokens`;
  throw new WeftError('model/bad-input', { model, input: 'prompt', expected, received: `${prompt}` });
}
