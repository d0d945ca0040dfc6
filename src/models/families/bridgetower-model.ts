/** BridgeTower's parts put together: both towers once, then the cross layers over what their upper layers gave. */
import { WeftError } from '../../errors.ts';
import { concat } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import { firstRows, pickItems } from '../blocks/rows.ts';
import { type BuildOptions, type Pictures, PictureTower } from '../towers/picture-tower.ts';
import { RowHead } from '../towers/row-head.ts';
import { RowHeads } from '../towers/row-heads.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import type { BridgeTowerHeads, BridgeTowerParts } from './bridgetower.ts';
import { Bridge } from './bridgetower-bridge.ts';

export interface BridgeTowerInput {
  readonly tokens: Tokens;
  readonly pictures: Pictures;
  /** The picture that each text looks at; one after the other when left out. */
  readonly pictureOf?: readonly number[];
}

export interface BridgeTowerRunOptions {
  /** Also give back both towers' states and the cross layers'. */
  readonly allStates?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Rows of both sides: [texts, words, width] and [texts, patches, width]. */
interface Sides {
  readonly text: Tensor;
  readonly image: Tensor;
}

export interface BridgeTowerResult extends Sides {
  /** float32 [texts, 2 * width]: the pooled first rows of both sides. */
  readonly pooled: Tensor;
  /** What the towers' last used layers gave. */
  readonly towers: Sides;
  /** With `allStates`: the embeddings, then every layer. */
  readonly textStates: readonly Tensor[];
  readonly imageStates: readonly Tensor[];
  readonly crossStates: readonly Sides[];
}

export interface ContrastiveEmbeddings {
  /** float32 [texts, dim], not normalised. */
  readonly text: Tensor;
  readonly image: Tensor;
  readonly cross: Tensor;
}

interface Built {
  readonly text: TextTower;
  readonly vision: PictureTower;
  readonly textBridge: Bridge;
  readonly imageBridge: Bridge;
  readonly cross: readonly { readonly text: Stack; readonly image: Stack }[];
  readonly textPooler: RowHead;
  readonly imagePooler: RowHead;
}

export class BridgeTower {
  readonly parts: BridgeTowerParts;
  readonly text: TextTower;
  readonly heads: RowHeads<keyof BridgeTowerHeads>;
  readonly #built: Built;

  private constructor(parts: BridgeTowerParts, built: Built, heads: RowHeads<keyof BridgeTowerHeads>) {
    this.parts = parts;
    this.text = built.text;
    this.heads = heads;
    this.#built = built;
  }

  /** Rejects as `Stack.build` does. */
  static async build(parts: BridgeTowerParts, options: BuildOptions = {}): Promise<BridgeTower> {
    const built: Built = {
      text: await TextTower.build(parts.text, options),
      vision: await PictureTower.build(parts.vision, options),
      textBridge: await Bridge.build(parts.bridges.text, options),
      imageBridge: await Bridge.build(parts.bridges.image, options),
      cross: await Promise.all(
        parts.cross.map(async ({ text, image }) => ({
          text: await Stack.build(text, options),
          image: await Stack.build(image, options),
        })),
      ),
      textPooler: await RowHead.build(parts.poolers.text, options),
      imagePooler: await RowHead.build(parts.poolers.image, options),
    };
    return new BridgeTower(parts, built, await RowHeads.build(parts.text.spec.name, parts.heads, options));
  }

  get bytes(): number {
    const { text, vision } = this.#built;
    return [text.stack, vision.stack, ...this.#others()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects with `model/bad-input` for texts and pictures that do not fit, and as `Stack.run` does. */
  async run(input: BridgeTowerInput, options: BridgeTowerRunOptions = {}): Promise<BridgeTowerResult> {
    const { allStates = false, signal } = options;
    const { text, vision, textBridge, imageBridge, cross } = this.#built;
    const { tokens, pictures, pictureOf } = input;
    // The towers do not wait for each other, nor for the cross layers.
    const { split } = this.parts;
    const first = allStates ? 0 : split;
    const wanted = Array.from({ length: text.stack.layers - first + 1 }, (_, state) => first + state);
    const outputs = { hidden: false, head: false };
    const [words, patches] = await Promise.all([
      text.run(tokens, { returnHidden: wanted, outputs, signal }),
      vision.run(pictures, { returnHidden: wanted, outputs, signal }),
    ]);
    const textStates = words.hiddenStates;
    const imageStates = await this.#matched(patches.hiddenStates, pictureOf, tokens.batch ?? 1, signal);
    const mask = tokens.mask === undefined ? {} : { mask: tokens.mask };
    const crossStates: Sides[] = [];
    for (const [layer, stacks] of cross.entries()) {
      const below = crossStates.at(-1);
      const state = split - first + layer;
      using textRows = await textBridge.run(layer, textStates[state]!, below?.text, signal);
      using imageRows = await imageBridge.run(layer, imageStates[state]!, below?.image, signal);
      const [nextText, nextImage] = await Promise.all([
        stacks.text.run({ rows: textRows }, { ...mask, memory: [{ rows: imageRows }], signal }),
        stacks.image.run({ rows: imageRows }, { memory: [{ rows: textRows, ...mask }], signal }),
      ]);
      crossStates.push({ text: nextText.hidden!, image: nextImage.hidden! });
    }
    const last = crossStates.at(-1)!;
    const towers = { text: textStates.at(-1)!, image: imageStates.at(-1)! };
    return { ...last, pooled: await this.#pool(last, signal), towers, textStates, imageStates, crossStates };
  }

  /** Of contrastive checkpoints. Rejects with `model/unsupported` for others, and as `Stack.run` does. */
  async embed({ towers, pooled }: BridgeTowerResult, signal?: AbortSignal): Promise<ContrastiveEmbeddings> {
    using text = await firstRows(towers.text, { signal });
    using image = await firstRows(towers.image, { signal });
    using seen = await this.#built.imageBridge.transform(0, image, signal);
    return {
      text: await this.heads.run('textEmbedding', text, signal),
      image: await this.heads.run('imageEmbedding', seen, signal),
      cross: await this.heads.run('crossEmbedding', pooled, signal),
    };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [this.#built.text, this.#built.vision, ...this.#others()]) part.release();
  }

  #others() {
    const { textBridge, imageBridge, cross, textPooler, imagePooler } = this.#built;
    const stacks = cross.flatMap(({ text, image }) => [text, image]);
    return [textBridge, imageBridge, ...stacks, textPooler, imagePooler, this.heads];
  }

  /** The states of the picture that each text looks at. */
  async #matched(
    states: readonly Tensor[],
    pictureOf: readonly number[] | undefined,
    texts: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Tensor[]> {
    const pictures = states[0]!.shape[0]!;
    const chosen = pictureOf ?? Array.from({ length: pictures }, (_, picture) => picture);
    if (chosen.length !== texts || !chosen.every((picture) => picture >= 0 && picture < pictures)) {
      throw new WeftError('model/bad-input', {
        model: this.text.name,
        input: 'pixel_values',
        expected: `a picture for each of ${texts} texts`,
        received: `${pictures} pictures`,
      });
    }
    return pictureOf === undefined ? states : Promise.all(states.map((state) => pickItems(state, chosen, { signal })));
  }

  async #pool({ text, image }: Sides, signal: AbortSignal | undefined): Promise<Tensor> {
    using firstText = await firstRows(text, { signal });
    using firstImage = await firstRows(image, { signal });
    using pooledText = await this.#built.textPooler.run(firstText, signal);
    using pooledImage = await this.#built.imagePooler.run(firstImage, signal);
    return await concat([pooledText, pooledImage], 1, { signal });
  }
}
