/** FLAVA's parts put together: both towers, the transformer over both, masked pictures, and the heads of pretraining. */
import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows, reshape } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import type { OperatorOptions } from '../../native/rows.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Integers } from '../../native/stack-input.ts';
import type { StackSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { RowHeads } from '../towers/row-heads.ts';
import { TextTower } from '../towers/text-tower.ts';
import type { FlavaHead, FlavaParts } from './flava.ts';
import { joinMasks } from './join-masks.ts';

export interface FusionInput {
  /** What each tower gives before its last norm, its last hidden state: [batch, rows, width of the tower]. */
  readonly image: Tensor;
  readonly text: Tensor;
  /** [batch, rows of the text]: 1 is a token, 0 is padding that nothing sees. */
  readonly textMask?: Integers | undefined;
}

export interface FlavaRunOptions extends OperatorOptions {
  readonly returnHidden?: readonly number[];
}

export class Flava {
  readonly parts: FlavaParts;
  readonly image: PictureTower;
  readonly text: TextTower;
  readonly heads: RowHeads<FlavaHead>;
  readonly #multimodal: Stack;
  readonly #fromImage: Linear;
  readonly #fromText: Linear;

  private constructor(
    parts: FlavaParts,
    built: {
      readonly image: PictureTower;
      readonly text: TextTower;
      readonly heads: RowHeads<FlavaHead>;
      readonly multimodal: Stack;
      readonly fromImage: Linear;
      readonly fromText: Linear;
    },
  ) {
    this.parts = parts;
    this.image = built.image;
    this.text = built.text;
    this.heads = built.heads;
    this.#multimodal = built.multimodal;
    this.#fromImage = built.fromImage;
    this.#fromText = built.fromText;
  }

  /** Rejects as `Stack.build` does. */
  static async build(parts: FlavaParts, options: BuildOptions = {}): Promise<Flava> {
    return new Flava(parts, {
      image: await PictureTower.build(parts.image, options),
      text: await TextTower.build(parts.text, options),
      heads: await RowHeads.build(parts.image.spec.name, parts.heads, options),
      multimodal: await Stack.build(parts.multimodal, options),
      fromImage: await Linear.build(parts.imageToMultimodal, options),
      fromText: await Linear.build(parts.textToMultimodal, options),
    });
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    const parts = [this.image, this.text, this.heads, this.#multimodal, this.#fromImage, this.#fromText];
    return parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rows that stand before the text's among those of `fuse`. */
  rowsBeforeText(imageRows: number): number {
    return imageRows + (this.parts.classToken === undefined ? 0 : 1);
  }

  /**
   * [class token, picture, text] through the multimodal transformer; its head is the pooled first row. Pictures and texts
   * are pairs. Rejects as `Stack.run` does.
   */
  async fuse({ image, text, textMask }: FusionInput, { signal }: OperatorOptions = {}): Promise<StackResult> {
    const [batch = 0, imageRows = 0] = image.shape;
    using pictures = await this.#fromImage.run(image, { signal });
    using texts = await this.#fromText.run(text, { signal });
    using first = this.#classTokens(batch);
    using rows = await concat(first === undefined ? [pictures, texts] : [first, pictures, texts], 1, { signal });
    const seen = new Array<number>(batch * this.rowsBeforeText(imageRows)).fill(1);
    const mask = textMask === undefined ? {} : { mask: joinMasks(seen, textMask, batch) };
    return await this.#multimodal.run({ rows }, { ...mask, signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    const { image, text, heads } = this;
    for (const part of [image, text, heads, this.#multimodal, this.#fromImage, this.#fromText]) part.release();
  }

  #classTokens(batch: number): Tensor | undefined {
    const { classToken } = this.parts;
    if (classToken === undefined) return undefined;
    const width = classToken.length;
    return Tensor.from(
      Float32Array.from({ length: batch * width }, (_, index) => classToken[index % width]!),
      [batch, 1, width],
    );
  }
}

/** The tower of pictures over patches of which some are hidden, as it is trained. Shares its weights with `Flava`'s. */
export class MaskedFlavaImages {
  readonly #patches: Stack;
  readonly #encoder: Stack;
  /** [class token, mask token], each [1, width], and positions [rows, width]. */
  readonly #tokens: Tensor;
  readonly #positions: Tensor;

  private constructor(patches: Stack, encoder: Stack, tokens: Tensor, positions: Tensor) {
    this.#patches = patches;
    this.#encoder = encoder;
    this.#tokens = tokens;
    this.#positions = positions;
  }

  /** Rejects with `model/unsupported` without a mask token, and as `Stack.build` does. */
  static async build(parts: FlavaParts, options: BuildOptions = {}): Promise<MaskedFlavaImages> {
    const { spec } = parts.image;
    const { maskToken, imageRows } = parts;
    if (maskToken === undefined) {
      const expected = 'a checkpoint with a mask token for pictures';
      throw new WeftError('model/unsupported', { model: spec.name, expected, received: 'one without' });
    }
    const { patches, ...layers } = spec;
    const bare: StackSpec = { name: spec.name, width: spec.width, patches: { project: patches!.project }, layers: [] };
    const { width } = spec;
    const tokens = new Float32Array(2 * width);
    tokens.set(imageRows.classToken);
    tokens.set(maskToken, width);
    return new MaskedFlavaImages(
      await Stack.build(bare, options),
      await Stack.build(layers, options),
      Tensor.from(tokens, [2, width]),
      Tensor.from(imageRows.positions, [imageRows.positions.length / width, width]),
    );
  }

  /**
   * @param masked [batch, patches]: 1 is hidden
   * Gives what `Flava.image` gives. Rejects with `model/bad-input` for pictures of another size than the model's.
   */
  async run(pictures: Pictures, masked: Integers, options: FlavaRunOptions = {}): Promise<StackResult> {
    const { returnHidden = [], signal } = options;
    const { hidden } = await this.#patches.run({ pixels: pictures }, { signal });
    using patches = hidden!;
    const [batch = 0, count = 0, width = 0] = patches.shape;
    const places = this.#positions.shape[0]! - 1;
    if (count !== places || masked.length !== batch * count) {
      const expected = `${batch} pictures of ${places} patches, and as many numbers for each,`;
      const received = `${count} patches, ${masked.length} numbers`;
      throw new WeftError('model/bad-input', {
        model: this.#encoder.name,
        input: 'bool_masked_pos',
        expected,
        received,
      });
    }
    using flat = reshape(patches, [batch * count, width]);
    using table = await concat([this.#tokens, flat], 0, { signal });
    const rows = Int32Array.from({ length: batch * (1 + count) }, (_, place) => {
      const [item, row] = [Math.floor(place / (1 + count)), place % (1 + count)];
      if (row === 0) return 0;
      const patch = item * count + row - 1;
      return Number(masked[patch]) === 0 ? 2 + patch : 1;
    });
    using chosen = await gatherRows(table, rows, [batch, 1 + count], { signal });
    using placed = await add(chosen, this.#positions, { signal });
    return await this.#encoder.run({ rows: placed }, { returnHidden, signal });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [this.#patches, this.#encoder, this.#tokens, this.#positions]) part.release();
  }
}
