/**
 * VisionEncoderDecoder as it runs: pictures to the rows that its decoder attends to. Knows no files, no tokenizer and no
 * way of choosing tokens.
 */
import { Linear } from '../../native/linear.ts';
import type { StackResult } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import { finer } from '../blocks/finer-precision.ts';
import { LanguageModel } from '../towers/language-model.ts';
import { type BuildOptions, type PictureRunOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { SwinTower } from './swin-tower.ts';
import type { VisionEncoderDecoderSpec } from './vision-encoder-decoder.ts';

export class PictureWriter {
  readonly encoder: PictureTower | SwinTower;
  readonly decoder: LanguageModel;
  readonly #projection: Linear | undefined;

  private constructor(encoder: PictureTower | SwinTower, decoder: LanguageModel, projection: Linear | undefined) {
    this.encoder = encoder;
    this.decoder = decoder;
    this.#projection = projection;
  }

  /** Rejects as `Stack.build` does. */
  static async build(spec: VisionEncoderDecoderSpec, options: BuildOptions = {}): Promise<PictureWriter> {
    const { encoder, projection } = spec;
    const reading = finer(options);
    return new PictureWriter(
      encoder.kind === 'stack'
        ? await PictureTower.build(encoder.stack, reading)
        : await SwinTower.build(encoder.swin, reading),
      await LanguageModel.build(spec.decoder, options),
      projection && (await Linear.build(projection, reading)),
    );
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.encoder.bytes + this.decoder.stack.bytes + (this.#projection?.bytes ?? 0);
  }

  /** The encoder's rows [batch, rows, width], normalised as it ends. Rejects as the towers' `run` does. */
  see(pictures: Pictures, options: Omit<PictureRunOptions, 'outputs'> = {}): Promise<StackResult> {
    return this.encoder.run(pictures, { ...options, outputs: { head: false } });
  }

  /** The rows as the decoder attends to them: projected where widths differ, else the same tensor. */
  async memory(rows: Tensor, { signal }: Pick<PictureRunOptions, 'signal'> = {}): Promise<Tensor> {
    return this.#projection === undefined ? rows : await this.#projection.run(rows, { signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.encoder.release();
    this.decoder.release();
    this.#projection?.release();
  }
}
