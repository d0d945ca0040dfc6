/** ViLT's parts put together: embeds words and patches, runs the transformer over both, reads its heads. */

import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows, permute, reshape } from '../../native/arrange.ts';
import { upsample } from '../../native/planes.ts';
import { Stack } from '../../native/stack.ts';
import { Tensor } from '../../native/tensor.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { RowHead } from '../towers/row-head.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import { joinMasks } from './join-masks.ts';
import type { ViltParts } from './vilt.ts';
import { type PatchArea, type PatchRows, type PixelMask, patchAreas, patchRows } from './vilt-patches.ts';

export interface ViltInput {
  readonly tokens: Tokens;
  readonly pictures: Pictures;
  readonly pixelMask?: PixelMask | undefined;
  /** The picture that each text looks at; one after the other when left out. */
  readonly pictureOf?: readonly number[];
  /** Row of the modality table for the picture: 1, or the number of the picture in its group. */
  readonly modality?: number;
}

export interface ViltRunOptions {
  readonly returnHidden?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface ViltResult {
  /** float32 [texts, text + picture, width], after the last norm: the words, the picture's class token, its patches. */
  readonly hidden: Tensor;
  /** float32 [texts, width]. */
  readonly pooled: Tensor;
  readonly hiddenStates: readonly Tensor[];
  /** [texts, picture]: 1 is a patch or the class token, 0 is padding. */
  readonly patchMask: readonly number[];
}

export class Vilt {
  readonly parts: ViltParts;
  readonly text: TextTower;
  readonly #patches: PictureTower;
  readonly #encoder: Stack;
  readonly #head: RowHead | undefined;

  private constructor(
    parts: ViltParts,
    [text, patches, encoder, head]: readonly [TextTower, PictureTower, Stack, RowHead | undefined],
  ) {
    this.parts = parts;
    this.text = text;
    this.#patches = patches;
    this.#encoder = encoder;
    this.#head = head;
  }

  /** Rejects as `Stack.build` does. */
  static async build(parts: ViltParts, options: BuildOptions = {}): Promise<Vilt> {
    return new Vilt(parts, [
      await TextTower.build(parts.text, options),
      await PictureTower.build(parts.patches, options),
      await Stack.build(parts.encoder, options),
      parts.head === undefined ? undefined : await RowHead.build(parts.head, options),
    ]);
  }

  get bytes(): number {
    return this.text.stack.bytes + this.#patches.stack.bytes + this.#encoder.bytes + (this.#head?.bytes ?? 0);
  }

  get layers(): number {
    return this.#encoder.layers;
  }

  /** Rejects with `model/bad-input` for texts, pictures and masks that do not fit, and as `Stack.run` does. */
  async run(input: ViltInput, { returnHidden = [], signal }: ViltRunOptions = {}): Promise<ViltResult> {
    const { tokens, pictures } = input;
    const { batch = 1 } = tokens;
    const grid = this.#grid(pictures);
    const areas = patchAreas(this.#encoder.name, input.pixelMask, pictures.shape[0]!, grid);
    const pictureOf = input.pictureOf ?? areas.map((_, picture) => picture);
    this.#check(areas, pictureOf, batch);
    const rows = patchRows(areas, grid, pictureOf);
    using text = await this.#embedText(tokens, signal);
    using picture = await this.#embedPictures(pictures, rows, input.modality ?? 1, batch, signal);
    using both = await concat([text, picture], 1, { signal });
    const mask = input.tokens.mask ?? new Array<number>(tokens.ids.length).fill(1);
    const { hidden, head, hiddenStates } = await this.#encoder.run(
      { rows: both },
      { mask: joinMasks(mask, rows.mask, batch), returnHidden, signal },
    );
    return { hidden: hidden!, pooled: head!, hiddenStates, patchMask: rows.mask };
  }

  /**
   * The head over rows [..., width of its input]: pooled rows, those of a group of pictures one after the other, or rows
   * of the text. Rejects as `Stack.run` does.
   */
  async head(rows: Tensor, signal?: AbortSignal): Promise<Tensor> {
    if (this.#head === undefined) {
      const expected = 'a checkpoint with a head for a task';
      throw new WeftError('model/unsupported', { model: this.#encoder.name, expected, received: 'ViltModel' });
    }
    return this.#head.run(rows, signal);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [this.text, this.#patches, this.#encoder, this.#head]) part?.release();
  }

  async #embedText(tokens: Tokens, signal: AbortSignal | undefined): Promise<Tensor> {
    const { hidden } = await this.text.run(tokens, { signal });
    using words = hidden!;
    using modality = this.#modality(0);
    return await add(words, modality, { signal });
  }

  async #embedPictures(
    pictures: Pictures,
    rows: PatchRows,
    modality: number,
    batch: number,
    signal: AbortSignal | undefined,
  ): Promise<Tensor> {
    const { hidden } = await this.#patches.run(pictures, { signal });
    using all = hidden!;
    const shape = [batch, rows.length];
    using patches = await gatherRows(all, rows.patches, shape, { signal });
    using table = await this.#positions(rows.areas, modality, signal);
    using positions = await gatherRows(table, rows.positions, shape, { signal });
    return await add(patches, positions, { signal });
  }

  /** float32 [1 + all patches of all areas, width]: what is added to the class token's row, then to each patch's. */
  async #positions(areas: readonly PatchArea[], modality: number, signal: AbortSignal | undefined): Promise<Tensor> {
    const { positions, classToken, picture } = this.parts;
    const { width } = this.#encoder;
    using stored = Tensor.from(positions.subarray(width), [...picture.grid, width]);
    using planes = await permute(stored, [2, 0, 1], { signal });
    const tables = [
      Tensor.from(
        classToken.map((value, index) => value + positions[index]!),
        [1, width],
      ),
    ];
    for (const { height, width: columns } of areas) {
      using resized = await upsample(planes, { height, width: columns, mode: 'bilinear', alignCorners: true, signal });
      using lines = await permute(resized, [1, 2, 0], { signal });
      tables.push(reshape(lines, [height * columns, width]));
    }
    using table = await concat(tables, 0, { signal });
    for (const one of tables) one.release();
    using added = this.#modality(modality);
    return await add(table, added, { signal });
  }

  #modality(row: number): Tensor {
    const { width } = this.#encoder;
    return Tensor.from(this.parts.modalities.slice(row * width, (row + 1) * width), [width]);
  }

  /** Patches along height and width of the batch's canvas. */
  #grid({ shape }: Pictures): readonly [number, number] {
    const { patch } = this.parts.picture;
    const [height = 0, width = 0] = shape.slice(2);
    const grid = [Math.floor(height / patch[0]), Math.floor(width / patch[1])] as const;
    if (shape.length !== 4 || grid.includes(0)) {
      this.#refuse(`pictures of at least ${patch.join(' x ')}`, `[${shape.join(' x ')}]`);
    }
    return grid;
  }

  #check(areas: readonly PatchArea[], pictureOf: readonly number[], batch: number): void {
    if (pictureOf.length !== batch || !pictureOf.every((picture) => areas[picture] !== undefined)) {
      this.#refuse(`a picture for each of ${batch} texts`, `${areas.length} pictures`);
    }
    const { mostPatches } = this.parts;
    const most = Math.max(...areas.map(({ height, width }) => height * width));
    if (most > mostPatches) this.#refuse(`pictures of at most ${mostPatches} patches`, `${most} patches`);
  }

  #refuse(expected: string, received: string): never {
    throw new WeftError('model/bad-input', { model: this.#encoder.name, input: 'pixel_values', expected, received });
  }
}
