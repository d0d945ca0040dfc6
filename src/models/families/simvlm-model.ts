/**
 * Runs SimVLM: a picture and the start of a text, and what the model expects as the rest of it. Knows no weight names.
 */
import { WeftError } from '../../errors.ts';
import { add, concat, gatherRows } from '../../native/arrange.ts';
import { Linear } from '../../native/linear.ts';
import { Stack } from '../../native/stack.ts';
import { Tensor } from '../../native/tensor.ts';
import { maskBias, prefixMask } from '../fusion/prefix-mask.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import type { SimVlmSpec } from './simvlm.ts';

export interface PrefixedTexts {
  /** [batch, picture rows, visual width]. */
  readonly picture: Tensor;
  /** [batch, length], padded on the right: prefix and rest of each text. */
  readonly ids: readonly number[];
  /** [batch, length]: 1 is a token. */
  readonly mask: readonly number[];
  /** Tokens of each text that are its prefix. */
  readonly prefixLengths: readonly number[];
  /** Tokens after the prefix that are read, at most. */
  readonly suffix: number;
}

/** The rows of the rest, [batch, suffix, width], and their logits: row k tells the token after it. */
interface Continued {
  readonly suffix: Tensor;
  readonly logits: Tensor;
}

export class SimVlm {
  readonly bytes: number;
  readonly #name: string;
  readonly #positions: Tensor;
  readonly #linears: { readonly picture: Linear; readonly logits: Linear };
  readonly #stacks: { readonly text: Stack; readonly encoder: Stack; readonly decoder: Stack; readonly single: Stack };

  private constructor(
    name: string,
    positions: Tensor,
    linears: { readonly picture: Linear; readonly logits: Linear },
    stacks: { readonly text: Stack; readonly encoder: Stack; readonly decoder: Stack; readonly single: Stack },
  ) {
    this.#name = name;
    this.#positions = positions;
    this.#linears = linears;
    this.#stacks = stacks;
    this.bytes = [...Object.values(linears), ...Object.values(stacks)].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rejects as `Stack.build` does. */
  static async build(name: string, spec: SimVlmSpec, options: BuildOptions = {}): Promise<SimVlm> {
    const { width } = spec.text;
    const [picture, logits] = await Promise.all([spec.picture, spec.logits].map((one) => Linear.build(one, options)));
    const [text, encoder, decoder, single] = await Promise.all(
      [spec.text, spec.encoder, spec.decoder, spec.single].map((one) => Stack.build(one, options)),
    );
    const positions = Tensor.from(spec.picturePositions, [spec.picturePositions.length / width, width]);
    return new SimVlm(
      name,
      positions,
      { picture: picture!, logits: logits! },
      { text: text!, encoder: encoder!, decoder: decoder!, single: single! },
    );
  }

  /** Encoder and decoder. Rejects with `model/bad-input` for shapes that do not fit, and as `Stack.run` does. */
  async encodeDecode(given: PrefixedTexts, signal?: AbortSignal): Promise<Continued & { readonly encoded: Tensor }> {
    const { length } = this.#check(given);
    using rows = await this.#picture(given.picture, signal);
    using text = await this.#text(given, signal);
    using both = await concat([rows, text], 1, { signal });
    const seen = given.prefixLengths.flatMap((prefix, item) => [
      ...Array<number>(rows.shape[1]!).fill(1),
      ...given.mask.slice(item * length, (item + 1) * length).map((valid, at) => (at < prefix ? valid : 0)),
    ]);
    const { hidden: encoded } = await this.#stacks.encoder.run({ rows: both }, { mask: seen, signal });
    using rest = await gatherRows(text, suffixRows(given, length, 0), [given.prefixLengths.length, given.suffix], {
      signal,
    });
    const { hidden: suffix } = await this.#stacks.decoder.run(
      { rows: rest },
      { mask: suffixMask(given, length), memory: [{ rows: encoded!, mask: seen }], signal },
    );
    return { encoded: encoded!, suffix: suffix!, logits: await this.#linears.logits.run(suffix!, { signal }) };
  }

  /** One stack under the prefix mask. Rejects as `encodeDecode` does. */
  async readAll(given: PrefixedTexts, signal?: AbortSignal): Promise<Continued & { readonly all: Tensor }> {
    const { length } = this.#check(given);
    using rows = await this.#picture(given.picture, signal);
    using text = await this.#text(given, signal);
    using both = await concat([rows, text], 1, { signal });
    const batch = given.prefixLengths.length;
    const pictureRows = rows.shape[1]!;
    const total = pictureRows + length;
    using bias = Tensor.from(maskBias(this.mask(given)), [batch, 1, total, total]);
    const { hidden: all } = await this.#stacks.single.run({ rows: both }, { bias, signal });
    const suffix = await gatherRows(all!, suffixRows(given, length, pictureRows), [batch, given.suffix], { signal });
    return { all: all!, suffix, logits: await this.#linears.logits.run(suffix, { signal }) };
  }

  /** [batch, rows, rows] over picture and text: 1 where a row sees another. */
  mask({ picture, mask, prefixLengths }: PrefixedTexts): Uint8Array {
    const pictureRows = picture.shape[1]!;
    const length = mask.length / prefixLengths.length;
    const valid = prefixLengths.flatMap((_, item) => [
      ...Array<number>(pictureRows).fill(1),
      ...mask.slice(item * length, (item + 1) * length),
    ]);
    return prefixMask(
      valid,
      prefixLengths.map((prefix) => pictureRows + prefix),
    );
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#positions.release();
    for (const part of [...Object.values(this.#linears), ...Object.values(this.#stacks)]) part.release();
  }

  async #picture(picture: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    using rows = await this.#linears.picture.run(picture, { signal });
    return add(rows, this.#positions, { signal });
  }

  async #text({ ids, prefixLengths }: PrefixedTexts, signal: AbortSignal | undefined): Promise<Tensor> {
    const { hidden } = await this.#stacks.text.run({ ids, batch: prefixLengths.length }, { signal });
    return hidden!;
  }

  #check({ picture, ids, mask, prefixLengths, suffix }: PrefixedTexts): { readonly length: number } {
    const batch = prefixLengths.length;
    const length = ids.length / batch;
    const fail = (input: string, expected: string, received: string): never => {
      throw new WeftError('model/bad-input', { model: this.#name, input, expected, received });
    };
    const [items, rows] = picture.shape;
    if (picture.shape.length !== 3 || items !== batch || rows !== this.#positions.shape[0]) {
      const expected = `[${batch} x ${this.#positions.shape[0]} x ${this.#linears.picture.inputs}]`;
      fail('image', expected, `[${picture.shape.join(' x ')}]`);
    }
    if (!Number.isSafeInteger(length) || length < 1 || mask.length !== ids.length) {
      fail('text', `${batch} texts of one length, with a mask`, `${ids.length} ids and ${mask.length} of a mask`);
    }
    const isPrefix = (prefix: number) => Number.isSafeInteger(prefix) && prefix >= 0 && prefix <= length;
    if (!prefixLengths.every(isPrefix)) fail('prefix_length', `whole numbers up to ${length}`, prefixLengths.join());
    if (!(suffix >= 1 && suffix <= length)) fail('suffix', `a whole number from 1 to ${length}`, String(suffix));
    return { length };
  }
}

/** Rows of [batch, first + length]: each text's first `suffix` tokens after its prefix; beyond its end the last one. */
function suffixRows({ prefixLengths, suffix }: PrefixedTexts, length: number, first: number): Int32Array {
  return Int32Array.from(
    prefixLengths.flatMap((prefix, item) =>
      Array.from({ length: suffix }, (_, at) => item * (first + length) + first + Math.min(prefix + at, length - 1)),
    ),
  );
}

/** [batch, suffix]: 1 where a text has a token that far after its prefix. */
function suffixMask({ mask, prefixLengths, suffix }: PrefixedTexts, length: number): number[] {
  return prefixLengths.flatMap((prefix, item) =>
    Array.from({ length: suffix }, (_, at) => (prefix + at < length ? mask[item * length + prefix + at]! : 0)),
  );
}
