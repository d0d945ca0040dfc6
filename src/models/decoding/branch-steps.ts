/**
 * One text that several continuations go on from, each read token by token; then others may go on from the same place.
 * Scores of a closed list of texts work on this. Must not choose tokens.
 */
import type { KvTree } from '../../native/kv-cache.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { LanguageModel } from '../towers/language-model.ts';
import type { DecodingSteps } from './steps.ts';

type Signal = AbortSignal | undefined;

/** All reject as `Stack.run` does. */
export interface BranchSteps {
  /** How errors name the model. */
  readonly name: string;
  /** Most tokens of one text. */
  readonly positions: number;
  /** How many branches are best read at once. */
  readonly most: number;
  /** Reads on in the text itself, before there are branches; gives the logits of the token after it. */
  begin(ids: readonly number[], signal?: Signal): Promise<Float32Array>;
  /** Forgets all branches; as many begin at the end of the text. */
  branch(count: number): void;
  /** One more token in each branch; gives the logits after each. */
  read(tokens: readonly number[], signal?: Signal): Promise<readonly Float32Array[]>;
  /** Lets go of keys and values; again is harmless. */
  release(): void;
}

/** A tree keeps the text once, so that many branches cost little. */
const SHARED = 64;
/** Copies of the text take memory. */
const COPIED = 16;

/** Branches over one shared past where the model has them, else over copies of it. Uses the steps up, which are of one text. */
export function branchesOf(steps: DecodingSteps): BranchSteps {
  const shared = steps.branches?.();
  if (shared === undefined) return copiedBranches(steps);
  steps.release();
  return shared;
}

/** For a model without memories whose head reads the last row. */
export function sharedBranches(model: LanguageModel): BranchSteps {
  const cache = model.newCache();
  let tree: KvTree | undefined;
  return {
    name: model.name,
    positions: model.positions,
    most: SHARED,
    async begin(ids, signal) {
      const { head } = await model.read({ ids }, { cache, outputs: { hidden: false }, signal });
      return logitRows(head!)[0]!;
    },
    branch(count) {
      if (tree === undefined) tree = cache.branch(count);
      else tree.clear(count);
    },
    async read(tokens, signal) {
      const options = { tree: tree!, outputs: { hidden: false }, signal };
      return logitRows((await model.read({ ids: tokens, batch: tokens.length }, options)).head!);
    },
    release() {
      tree?.release();
      cache.release();
    },
  };
}

/** Over any steps that can go back. */
function copiedBranches(steps: DecodingSteps): BranchSteps {
  let goBack: (() => void) | undefined;
  return {
    name: steps.name,
    positions: steps.positions,
    most: COPIED,
    async begin(ids, signal) {
      return logitRows((await steps.read(ids, { signal })).head!)[0]!;
    },
    branch(count) {
      if (goBack === undefined) goBack = steps.mark!();
      else goBack();
      steps.reorder(Array<number>(count).fill(0));
    },
    async read(tokens, signal) {
      return logitRows((await steps.read(tokens, { signal })).head!);
    },
    release: () => steps.release(),
  };
}

function logitRows(logits: Tensor): Float32Array[] {
  using given = logits;
  const [rows = 0, vocabulary = 0] = given.shape;
  const floats = given.toFloats();
  return Array.from({ length: rows }, (_, row) => floats.subarray(row * vocabulary, (row + 1) * vocabulary));
}
