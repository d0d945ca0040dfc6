/** Pictures as rows for models that read them, and embeddings in batches. Knows no family. */
import type { ImageProcessor } from '../../image/processor.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { ImageValue } from '../../protocol/value.ts';
import type { PictureTower } from '../towers/picture-tower.ts';

/** More at once gains nothing and costs memory: activations grow with it. */
const ITEMS_PER_RUN = 16;

/** All rows of pictures, [pictures, rows, width]. Rejects as the processor and `PictureTower.run` do. */
export async function lookAt(
  tower: PictureTower,
  processor: ImageProcessor,
  images: readonly ImageValue[],
  signal: AbortSignal | undefined,
): Promise<Tensor> {
  const { pixelValues, shape } = await processor.processBatch(images, { signal });
  return tower.rows({ data: pixelValues, shape }, { signal });
}

/** Rows of what `embed` makes of some items at a time, [items, width]; each with its own memory. */
export async function embeddingRows<Item>(
  items: readonly Item[],
  embed: (some: readonly Item[]) => Promise<Tensor>,
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let start = 0; start < items.length; start += ITEMS_PER_RUN) {
    using embedded = await embed(items.slice(start, start + ITEMS_PER_RUN));
    const [count = 0, width = 0] = embedded.shape;
    const numbers = embedded.toFloats();
    for (let row = 0; row < count; row += 1) rows.push(numbers.slice(row * width, (row + 1) * width));
  }
  return rows;
}
