/**
 * FLAVA's second picture: the input of its codebook, resized by its own rules and mapped to 0.8 x + 0.1, away from
 * the edges of the logit-Laplace distribution (DALL-E, Ramesh et al. 2021, appendix A: epsilon = 0.1).
 */
import type { ConfigReader } from './config-reader.ts';
import type { Recipe } from './planned-processor.ts';
import { mappedAgain, type ValueMapping } from './value-mapping.ts';

const EPSILON = 0.1;

/** The codebook's recipe from the `codebook_*` options. @throws WeftError model/bad-config */
export function codebookRecipe(reader: ConfigReader, recipe: Recipe): Recipe {
  const order = { square: reader.flag('default_to_square', true) };
  const mapping: ValueMapping = {
    rescale: reader.flag('codebook_do_rescale', true)
      ? { factor: reader.number('codebook_rescale_factor', 1 / 255) }
      : undefined,
    normalize: reader.flag('codebook_do_normalize', true)
      ? {
          mean: reader.perChannel('codebook_image_mean', [0, 0, 0], false),
          std: reader.perChannel('codebook_image_std', [1, 1, 1], true),
        }
      : undefined,
  };
  return {
    ...recipe,
    target: reader.flag('codebook_do_resize', true) ? reader.target('codebook_size', 112, order) : undefined,
    filter: reader.filter('codebook_resample', 'lanczos'),
    crop: reader.flag('codebook_do_center_crop', true) ? reader.size('codebook_crop_size', 112) : undefined,
    mapping: reader.flag('codebook_do_map_pixels', true) ? mappedAgain(mapping, 1 - 2 * EPSILON, EPSILON) : mapping,
  };
}
