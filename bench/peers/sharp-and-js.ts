/** The usual way without an addon: sharp resizes and crops, a loop in JavaScript normalises into planes. */
import sharp from 'sharp';

/** float32 [3, size, size]. sharp may decode at a reduced size, so its pixels are not those the model was trained on. */
export async function sharpAndJs(
  bytes: Uint8Array,
  size: number,
  mean: readonly number[],
  std: readonly number[],
): Promise<Float32Array> {
  const pixels = await sharp(bytes, { autoOrient: true })
    .resize(size, size, { fit: 'cover', kernel: 'cubic' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  const plane = size * size;
  const values = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel += 1) {
    const scale = 1 / 255 / (std[channel] as number);
    const shift = (mean[channel] as number) / (std[channel] as number);
    for (let pixel = 0; pixel < plane; pixel += 1) {
      values[channel * plane + pixel] = (pixels[pixel * 3 + channel] as number) * scale - shift;
    }
  }
  return values;
}
