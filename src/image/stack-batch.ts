/** Results of single pictures as one batch, for processors that do not write the batch in place. */
import { WeftError } from '../errors.ts';
import { badPicture, formatSize, type ProcessedBatch, type ProcessedImage } from './processor.ts';

/** @throws WeftError where the pictures came out at different sizes, or there are none. */
export function stackBatch(
  images: readonly ProcessedImage[],
  { type, model }: { readonly type: string; readonly model: string },
): ProcessedBatch {
  const [first] = images;
  if (first === undefined) throw badPicture(model, 'at least one picture', 'none');
  const { channels, height, width } = first;
  const pixelValues = new Float32Array(images.length * channels * height * width);
  images.forEach((image, index) => {
    if (image.width !== width || image.height !== height || image.channels !== channels) {
      throw new WeftError('input/bad-image-option', {
        what: 'a batch',
        expected: `pictures that ${type} brings to one size`,
        received: `${formatSize(first)} and ${formatSize(image)}`,
      });
    }
    pixelValues.set(image.pixelValues, index * channels * height * width);
  });
  return { shape: [images.length, channels, height, width], pixelValues };
}
