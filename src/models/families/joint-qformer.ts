/** The Q-Former over queries and a text together: one stack for what they share in a layer, one for each apart. */
import { concat, gatherRows } from '../../native/arrange.ts';
import { Stack } from '../../native/stack.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import { TextTower, type Tokens } from '../towers/text-tower.ts';
import { type JointStacks, QFORMER_PRECISION } from './qformer.ts';

interface BuiltLayer {
  readonly together: Stack;
  readonly queries: Stack;
  readonly text: Stack;
  /** Whether its queries look at the picture. */
  readonly looks: boolean;
}

export class JointQFormer {
  /** Bytes of packed weights. */
  readonly bytes: number;
  readonly #queryRows: Stack;
  readonly #queries: number;
  readonly #textRows: TextTower;
  readonly #layers: readonly BuiltLayer[];

  private constructor(queryRows: Stack, queries: number, textRows: TextTower, layers: readonly BuiltLayer[]) {
    this.#queryRows = queryRows;
    this.#queries = queries;
    this.#textRows = textRows;
    this.#layers = layers;
    const stacks = layers.flatMap((layer) => [layer.together, layer.queries, layer.text]);
    this.bytes = stacks.reduce((sum, stack) => sum + stack.bytes, queryRows.bytes + textRows.stack.bytes);
  }

  /** In the Q-Former's own precision. Rejects as `Stack.build` does. */
  static async build(stacks: JointStacks, queries: number, { signal }: BuildOptions = {}): Promise<JointQFormer> {
    const options = { precision: QFORMER_PRECISION, signal };
    const layers = await Promise.all(
      stacks.layers.map(async (layer) => ({
        together: await Stack.build(layer.together, options),
        queries: await Stack.build(layer.queries, options),
        text: await Stack.build(layer.text, options),
        looks: layer.queries.layers.flat().some(({ crossAttention }) => crossAttention !== undefined),
      })),
    );
    return new JointQFormer(
      await Stack.build(stacks.queryRows, options),
      queries,
      await TextTower.build(stacks.textRows, options),
      layers,
    );
  }

  /**
   * What the head reads off the queries, [batch, outputs]. `picture`: rows [batch, rows, width]. `mask` of the tokens is over
   * the text, or over queries and text. Rejects with `model/bad-input`, and as `Stack.run` does.
   */
  async run({ ids, batch = 1, mask }: Tokens, picture: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const count = this.#queries;
    const length = ids.length / batch;
    const all = count + length;
    const seen = { ...(mask === undefined ? {} : { mask: withQueries(Array.from(mask, Number), batch, all) }), signal };
    const take = (both: Tensor, start: number, end: number) =>
      gatherRows(both, sliceOf(batch, all, start, end), [batch, end - start], { signal });
    const memoryOf = ({ looks }: BuiltLayer) => (looks ? { memory: [{ rows: picture }] } : {});
    let rows = await this.#embed(ids, batch, signal);
    for (const layer of this.#layers.slice(0, -1)) {
      using before = rows;
      using both = (await layer.together.run({ rows: before }, seen)).hidden!;
      using asked = await take(both, 0, count);
      using words = await take(both, count, all);
      using queries = (await layer.queries.run({ rows: asked }, { ...memoryOf(layer), signal })).hidden!;
      using texts = (await layer.text.run({ rows: words }, { signal })).hidden!;
      rows = await concat([queries, texts], 1, { signal });
    }
    // What the last layer would make of the text is not read.
    const last = this.#layers.at(-1)!;
    using before = rows;
    using both = (await last.together.run({ rows: before }, seen)).hidden!;
    using asked = await take(both, 0, count);
    const outputs = { hidden: false };
    return (await last.queries.run({ rows: asked }, { ...memoryOf(last), outputs, signal })).head!;
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.#queryRows.release();
    this.#textRows.release();
    for (const { together, queries, text } of this.#layers) for (const one of [together, queries, text]) one.release();
  }

  async #embed(ids: Tokens['ids'], batch: number, signal: AbortSignal | undefined): Promise<Tensor> {
    const queryIds = Array.from({ length: batch * this.#queries }, (_, index) => index % this.#queries);
    const asked = await this.#queryRows.run({ ids: queryIds, batch }, { signal });
    using queries = asked.hidden!;
    const read = await this.#textRows.run({ ids, batch }, { signal });
    using words = read.hidden!;
    return concat([queries, words], 1, { signal });
  }
}

/** Queries are always seen. */
function withQueries(mask: readonly number[], batch: number, all: number): readonly number[] {
  const width = mask.length / batch;
  return Array.from({ length: batch }, (_, text) => [
    ...Array<number>(all - width).fill(1),
    ...mask.slice(text * width, (text + 1) * width),
  ]).flat();
}

/** Rows from `start` to `end` of each item. */
function sliceOf(batch: number, all: number, start: number, end: number): Int32Array {
  const length = end - start;
  return Int32Array.from(
    { length: batch * length },
    (_, index) => Math.floor(index / length) * all + start + (index % length),
  );
}
