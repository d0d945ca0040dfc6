/** CLIP's towers as stacks of the addon, read from the checkpoint's safetensors. */
import { WeftError } from '../errors.ts';
import type { Precision } from '../native/stack-spec.ts';
import type { Tensor } from '../native/tensor.ts';
import type { TensorValue } from '../protocol/value.ts';
import type { Encoding } from '../text/tokenizer.ts';
import { type ClipBackend, PICTURES_PER_RUN } from './clip-backend.ts';
import { clip } from './families/clip.ts';
import { fromCheckpoint } from './towers/checkpoint.ts';
import { PictureTower } from './towers/picture-tower.ts';
import { TextTower } from './towers/text-tower.ts';

/** Numbers of pictures brought side by side in one turn of the event loop: 4 MiB, well under a millisecond. */
const STACKED_AT_ONCE = 2 ** 20;

export class NativeClip implements ClipBackend {
  readonly dim: number;
  readonly logitScale: number;
  readonly textLength = undefined;
  readonly #vision: PictureTower;
  readonly #text: TextTower;

  private constructor(parts: { vision: PictureTower; text: TextTower; dim: number; scale: number }) {
    this.dim = parts.dim;
    this.logitScale = parts.scale;
    this.#vision = parts.vision;
    this.#text = parts.text;
  }

  /** Throws `model/missing-file`, `model/bad-config`, `model/unsupported`, `model/bad-weights`, and as `Stack.build`. */
  static load(folder: string, model: string, precision: Precision): Promise<NativeClip> {
    return fromCheckpoint(folder, { model }, async (checkpoint) => {
      const { vision, text, dim, similarity } = await clip(checkpoint);
      const towers = await Promise.all([
        PictureTower.build(vision, { precision }),
        TextTower.build(text, { precision }),
      ]);
      return new NativeClip({ vision: towers[0], text: towers[1], dim, scale: similarity.scale });
    });
  }

  get positions(): number {
    return this.#text.positions;
  }

  async embedPictures(tensors: readonly TensorValue[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const rows: Float32Array[] = [];
    const fitting = Math.floor(STACKED_AT_ONCE / (tensors[0]?.data.length ?? 1));
    const perRun = Math.max(1, Math.min(PICTURES_PER_RUN, fitting));
    for (let start = 0; start < tensors.length; start += perRun) {
      const pictures = this.#stack(tensors.slice(start, start + perRun));
      const { head } = await this.#vision.run(pictures, { outputs: { hidden: false }, signal });
      rows.push(...takeRows(head!));
    }
    return rows;
  }

  async embedTexts(encodings: readonly Encoding[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    // No mask: padding comes last, where a causal tower's tokens do not see it.
    const input = { ids: encodings.flatMap(({ ids }) => ids), batch: encodings.length };
    const { head } = await this.#text.run(input, { outputs: { hidden: false }, signal });
    return takeRows(head!);
  }

  /** [batch, ...shape of a picture]. */
  #stack(tensors: readonly TensorValue[]): { data: Float32Array; shape: readonly number[] } {
    const { shape } = tensors[0]!;
    const count = shape.reduce((product, side) => product * side, 1);
    const data = new Float32Array(tensors.length * count);
    for (const [index, tensor] of tensors.entries()) {
      if (!(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
        throw new WeftError('model/bad-input', {
          model: this.#vision.name,
          input: 'pixel_values',
          expected: `float32 tensors of one shape in a batch, [${shape.join(' x ')}]`,
          received: `${tensor.dtype} [${tensor.shape.join(' x ')}]`,
        });
      }
      data.set(tensor.data, index * count);
    }
    return { data, shape: [tensors.length, ...shape] };
  }
}

/** The rows of [batch, dim], each with its own memory; lets go of the tensor. */
function takeRows(tensor: Tensor): Float32Array[] {
  const [batch = 0, dim = 0] = tensor.shape;
  const numbers = tensor.toFloats();
  tensor.release();
  return Array.from({ length: batch }, (_, row) => numbers.slice(row * dim, (row + 1) * dim));
}
