/**
 * A stack that reads tokens all at once: checks their number, places them, picks the row its head reads. Knows no
 * tokenizer. Stacks that write texts are language models, not this.
 */
import { WeftError } from '../../errors.ts';
import { Stack, type StackResult } from '../../native/stack.ts';
import type { Integers, StackMemory } from '../../native/stack-input.ts';
import type { StackSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from './picture-tower.ts';
import { RowHead } from './row-head.ts';

export interface TextStack {
  readonly spec: StackSpec;
  /** Most tokens of one text. */
  readonly positions: number;
  /** The row that the head reads, where it is not the same for every text. */
  readonly headRow?: (ids: readonly number[]) => number;
  /** Positions of a text's tokens, where they are not counted from 0. */
  readonly place?: (ids: readonly number[]) => readonly number[];
}

/** All [batch, length], row-major. */
export interface Tokens {
  readonly ids: Integers;
  /** Texts in `ids`; 1 when left out. */
  readonly batch?: number;
  /** 1 is a token, 0 is padding that no token sees. */
  readonly mask?: Integers;
  readonly segments?: Integers;
}

export interface TextRunOptions {
  /** What its cross-attentions read, where it has some. */
  readonly memory?: readonly StackMemory[];
  readonly returnHidden?: readonly number[];
  readonly outputs?: { readonly hidden?: boolean; readonly head?: boolean };
  readonly signal?: AbortSignal | undefined;
}

export interface CausalReading {
  /** The row of a text that its head reads: no token after it matters. */
  readonly headRow: (ids: readonly number[]) => number;
  /** What the head gives for such rows: [.., width] to [.., outputs]. Rejects as `Stack.run` does. */
  readonly embed: (rows: Tensor, signal?: AbortSignal) => Promise<Tensor>;
}

/** What makes one row of each text, or a row of each token: a tower, or a network of another kind. */
export interface TextEncoder {
  /** How errors name it. */
  readonly name: string;
  /** Most tokens of one text. */
  readonly positions: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  /** float32 [batch, ...outputs]. */
  embed(tokens: Tokens, options?: { readonly signal?: AbortSignal | undefined }): Promise<Tensor>;
  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void;
}

export class TextTower implements TextEncoder {
  /** How errors name it. */
  readonly name: string;
  readonly stack: Stack;
  readonly positions: number;
  readonly #text: TextStack;
  readonly #head: RowHead | undefined;

  private constructor(stack: Stack, head: RowHead | undefined, text: TextStack) {
    this.name = stack.name;
    this.stack = stack;
    this.positions = text.positions;
    this.#text = text;
    this.#head = head;
  }

  /** Rejects as `Stack.build` does. */
  static async build(text: TextStack, options: BuildOptions = {}): Promise<TextTower> {
    const { spec } = text;
    const stack = await Stack.build(spec, options);
    if (spec.head?.rows !== 'chosen' || !isCausal(spec)) return new TextTower(stack, undefined, text);
    const { rows, skip, more = [], ...first } = spec.head;
    const parts = { name: spec.name, width: spec.width, steps: [first, ...more] } as const;
    // Its weights are packed already.
    return new TextTower(stack, await RowHead.build(parts, options), text);
  }

  /**
   * What can be read of texts by their beginnings alone: no token sees a later one, positions are counted from 0, and the
   * head reads one row. Undefined for other towers.
   */
  get causal(): CausalReading | undefined {
    const { headRow, place } = this.#text;
    const head = this.#head;
    if (head === undefined || headRow === undefined || place !== undefined) return undefined;
    return { headRow, embed: (rows, signal) => head.run(rows, signal) };
  }

  /** Bytes of packed weights. */
  get bytes(): number {
    return this.stack.bytes;
  }

  /** Rejects with `model/bad-input` for texts that are too long, and as `Stack.run` does. */
  async run({ ids, batch = 1, mask, segments }: Tokens, options: TextRunOptions = {}): Promise<StackResult> {
    const length = ids.length / batch;
    if (!Number.isSafeInteger(length) || length < 1 || length > this.positions) {
      throw new WeftError('model/bad-input', {
        model: this.name,
        input: 'input_ids',
        expected: `${batch} texts of one length, from 1 to ${this.positions} tokens,`,
        received: `${ids.length} tokens`,
      });
    }
    const { headRow, place } = this.#text;
    const texts = headRow === undefined && place === undefined ? [] : textsOf(ids, length);
    return this.stack.run(
      {
        ids,
        batch,
        ...(segments === undefined ? {} : { segments }),
        ...(place === undefined ? {} : { positions: texts.flatMap((text) => place(text)) }),
      },
      {
        ...options,
        ...(mask === undefined ? {} : { mask }),
        ...(headRow === undefined ? {} : { headRows: texts.map(headRow) }),
      },
    );
  }

  /** What the head gives alone, [batch, outputs]. For stacks with a head. Rejects as `run` does. */
  async embed(tokens: Tokens, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const { head } = await this.run(tokens, { outputs: { hidden: false }, signal });
    return head!;
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.stack.release();
    this.#head?.release();
  }
}

function isCausal({ layers }: StackSpec): boolean {
  return layers.flat().every(({ selfAttention, crossAttention }) => {
    return crossAttention === undefined && (selfAttention === undefined || selfAttention.causal === true);
  });
}

function textsOf(ids: Integers, length: number): number[][] {
  const numbers = Array.from(ids as ArrayLike<number | bigint>, Number);
  return Array.from({ length: numbers.length / length }, (_, text) =>
    numbers.slice(text * length, (text + 1) * length),
  );
}
