/**
 * Prompts in which `<image>` says where pictures stand, and what they need to be written on from. Knows no family.
 */
import { WeftError } from '../../errors.ts';
import type { ImageValue } from '../../protocol/value.ts';

/** What stands for a picture in a prompt. */
export const PICTURE = '<image>';

/** The prompt's text before, between and after its pictures. Throws `model/bad-input` for another number of pictures. */
export function aroundPictures(model: string, prompt: string, images: readonly ImageValue[]): readonly string[] {
  const texts = prompt.split(PICTURE);
  if (texts.length - 1 === images.length) return texts;
  throw new WeftError('model/bad-input', {
    model,
    input: 'images',
    expected: `${texts.length - 1} pictures, one for each ${PICTURE} of the prompt,`,
    received: `${images.length}`,
  });
}
