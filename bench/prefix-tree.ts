/**
 * 45 continuations of two tokens on a prefix of 20 (MaGiC's search over CLIP's text tower): the prefix cached and shared by
 * a tree, against 45 whole sentences encoded anew.
 */
import { capabilities } from '../src/native/capabilities.ts';
import type { KvTree } from '../src/native/kv-cache.ts';
import { Stack } from '../src/native/stack.ts';
import type { Precision } from '../src/native/stack-spec.ts';
import { relativeError } from './harness/agreement.ts';
import { arithmeticContender, arithmeticFloor } from './harness/floor.ts';
import { race, runsFor, turnOf } from './harness/race.ts';
import { reportPairing } from './harness/report.ts';
import { randomIntegers } from './models/random.ts';
import { stackSpec } from './models/stack-spec.ts';
import { CLIP_TEXT_ENCODER, operationsOf, randomWeights, type TransformerShape } from './models/transformer.ts';

const BENCH = 'prefix-tree';
const BRANCHES = 45;
const PREFIX = 20;
const TAIL = 2;
const ROUNDS = 15;
/** How long a turn of the tree takes, milliseconds. */
const TURN = 60;
const NEW_TOKENS = 'new tokens on the cached prefix';
const WHOLE = 'whole sentences';

export async function run(): Promise<void> {
  const { threads } = capabilities();
  const weights = randomWeights(CLIP_TEXT_ENCODER);
  for (const precision of ['fp32', 'int8'] satisfies Precision[]) {
    using stack = await Stack.build(stackSpec(CLIP_TEXT_ENCODER, weights), { precision });
    const prefix = randomIntegers(21, PREFIX, 49408);
    const tails = randomIntegers(22, BRANCHES * TAIL, 49408);
    const sentences = Array.from({ length: BRANCHES }, (_, branch) => [
      ...prefix,
      ...tails.slice(branch * TAIL, (branch + 1) * TAIL),
    ]).flat();
    using cache = stack.newCache();
    (await stack.run({ ids: prefix }, { cache, outputs: { hidden: false, head: false } })).head?.release();
    using tree = cache.branch(BRANCHES);
    const branches = () => encodeBranches(stack, tree, tails);
    const whole = () => encode(stack, { ids: sentences, batch: BRANCHES });
    const [some, all] = [await branches(), await whole()];
    const runs = await runsFor(branches, TURN);
    const contenders = [
      { name: NEW_TOKENS, turn: turnOf(branches, runs) },
      { name: WHOLE, turn: turnOf(whole, 2) },
    ];
    const results = await race([...contenders, arithmeticContender()], { rounds: ROUNDS });
    reportPairing({
      bench: BENCH,
      case: `${CLIP_TEXT_ENCODER.name}, ${BRANCHES} branches x ${TAIL} tokens on ${PREFIX}, ${precision}`,
      ours: NEW_TOKENS,
      peer: WHOLE,
      results,
      floor: precision === 'fp32' ? arithmeticFloor(results, treeOperations(CLIP_TEXT_ENCODER)) : undefined,
      more: {
        threads,
        largest_difference: largestDifference(some, all),
        relative_error: relativeError(some, all),
        rows_ratio: (PREFIX + TAIL) / TAIL,
        goal: '>= 8 x, equal to 1e-5',
      },
    });
  }
}

async function encodeBranches(stack: Stack, tree: KvTree, tails: readonly number[]): Promise<Float32Array> {
  tree.clear(BRANCHES);
  return encode(stack, { ids: tails, batch: BRANCHES }, tree);
}

async function encode(
  stack: Stack,
  input: { readonly ids: readonly number[]; readonly batch: number },
  tree?: KvTree,
): Promise<Float32Array> {
  const { head } = await stack.run(input, { outputs: { hidden: false }, ...(tree === undefined ? {} : { tree }) });
  const floats = head!.toFloats();
  head!.release();
  return floats;
}

/** What is left to do with the prefix cached. */
function treeOperations(shape: TransformerShape): number {
  const withoutAttention = operationsOf(shape, BRANCHES, TAIL) - attentionOf(shape, (TAIL * (TAIL + 1)) / 2);
  return withoutAttention + attentionOf(shape, TAIL * PREFIX + (TAIL * (TAIL + 1)) / 2);
}

/** Of all branches, for so many pairs of a query and a key each. */
function attentionOf({ layers, width }: TransformerShape, pairs: number): number {
  return BRANCHES * layers * 4 * pairs * width;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, number, index) => Math.max(most, Math.abs(number - b[index]!)), 0);
}
