/**
 * One text whose next token is tried out: candidates are read as continuations of what is there, one of them joins it.
 * Contrastive search and MaGiC work on this. Must not choose tokens.
 */
import { concat, gatherRows, reshape } from '../../native/arrange.ts';
import { cosineTopK } from '../../native/choices.ts';
import type { KvTree } from '../../native/kv-cache.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { LanguageModel } from '../towers/language-model.ts';

type Signal = AbortSignal | undefined;

/** `begin`, then for each token `compare` and `take`. All reject as `Stack.run` does. */
export interface CandidateSteps {
  /** How errors name the model. */
  readonly name: string;
  /** Most tokens of the text: its prompt and what is written. */
  readonly positions: number;
  /** Reads the prompt; gives the logits of the token after it. */
  begin(prompt: readonly number[], signal?: Signal): Promise<Float32Array>;
  /**
   * Reads each token as the next one; gives for each the largest cosine of its hidden state (after the final norm) to those
   * of all tokens before it, the prompt's included.
   */
  compare(tokens: readonly number[], signal?: Signal): Promise<Float32Array>;
  /** The token that was compared at this place joins the text; gives the logits of the token after it. */
  take(place: number, signal?: Signal): Promise<Float32Array>;
  /** Lets go of keys and values; again is harmless. */
  release(): void;
}

/** The hidden states of a text, for cosines with those of candidates. */
export class ContextStates {
  #rows: Tensor | undefined;
  #tried: Tensor | undefined;

  /** States [1, length, width] of the prompt; takes the tensor over. */
  begin(hidden: Tensor): void {
    this.release();
    this.#rows = rowsOf(hidden);
  }

  /** States [candidates, 1, width] to their largest cosines; takes the tensor over. */
  async compare(hidden: Tensor, signal: Signal): Promise<Float32Array> {
    this.#tried?.release();
    this.#tried = rowsOf(hidden);
    const { scores } = await cosineTopK(this.#tried, this.#rows!, 1, { signal });
    return scores;
  }

  /** The state of a candidate, [1, width], which joins the others. */
  async take(place: number, signal: Signal): Promise<Tensor> {
    const row = await gatherRows(this.#tried!, Int32Array.of(place), [1], { signal });
    const grown = await concat([this.#rows!, row], 0, { signal });
    this.release();
    this.#rows = grown;
    return row;
  }

  release(): void {
    this.#rows?.release();
    this.#tried?.release();
    this.#rows = undefined;
    this.#tried = undefined;
  }
}

function rowsOf(hidden: Tensor): Tensor {
  const width = hidden.shape.at(-1)!;
  const rows = reshape(hidden, [hidden.count / width, width]);
  hidden.release();
  return rows;
}

/**
 * All candidates share one past, which is kept once; only the keys of the one that joins are kept, and only for it logits
 * are computed. For a model without memories whose head reads the last row.
 */
export function sharedCandidates(model: LanguageModel): CandidateSteps {
  const states = new ContextStates();
  let tree: KvTree | undefined;
  return {
    name: model.name,
    positions: model.positions,
    async begin(prompt, signal) {
      using cache = model.newCache();
      const { hidden, head } = await model.read({ ids: prompt }, { cache, signal });
      states.begin(hidden!);
      tree?.release();
      tree = cache.branch(1);
      return floatsOf(head!);
    },
    async compare(tokens, signal) {
      tree!.clear(tokens.length);
      const outputs = { hidden: true, head: false };
      const { hidden } = await model.read({ ids: tokens, batch: tokens.length }, { tree: tree!, outputs, signal });
      return states.compare(hidden!, signal);
    },
    async take(place, signal) {
      using row = await states.take(place, signal);
      tree!.commit(place, 1);
      return floatsOf(await model.logitsOf(row, signal));
    },
    release() {
      states.release();
      tree?.release();
    },
  };
}

/** Lets go of the tensor. */
export function floatsOf(tensor: Tensor): Float32Array {
  using given = tensor;
  return given.toFloats();
}
