/** A stack of an image encoder with random weights, and batches of pictures for it. */
import { Stack } from '../../src/native/stack.ts';
import { randomUniform } from '../models/random.ts';
import { stackSpec } from '../models/stack-spec.ts';
import { randomWeights, type TransformerShape, type Weight } from '../models/transformer.ts';

export interface PictureStack extends Disposable {
  readonly shape: TransformerShape;
  /** One run; the result's numbers. */
  encode(pixels: Weight, signal?: AbortSignal): Promise<Float32Array>;
  pictures(batch: number, seed?: number): Weight;
}

export async function pictureStack(shape: TransformerShape): Promise<PictureStack> {
  if (shape.embedding.kind !== 'patches') throw new Error(`${shape.name} reads no pictures`);
  const { picture } = shape.embedding;
  const stack = await Stack.build(stackSpec(shape, randomWeights(shape)));
  return {
    shape,
    async encode(pixels, signal) {
      const { head } = await stack.run({ pixels }, { outputs: { hidden: false }, ...(signal && { signal }) });
      const numbers = head!.toFloats();
      head!.release();
      return numbers;
    },
    pictures(batch, seed = 1) {
      const sizes = [batch, 3, picture, picture];
      return { data: randomUniform(seed, batch * 3 * picture ** 2, 1.5), shape: sizes };
    },
    [Symbol.dispose]: () => stack.release(),
  };
}
