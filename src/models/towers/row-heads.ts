/** The heads of one checkpoint by name: which of them it has depends on what it was trained for. Knows no family. */
import { WeftError } from '../../errors.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { BuildOptions } from './picture-tower.ts';
import { RowHead, type RowHeadSpec } from './row-head.ts';

export class RowHeads<Name extends string> {
  readonly #model: string;
  readonly #heads: ReadonlyMap<string, RowHead>;

  private constructor(model: string, heads: ReadonlyMap<string, RowHead>) {
    this.#model = model;
    this.#heads = heads;
  }

  /** @param model how errors name it. Rejects as `Stack.build` does. */
  static async build<Name extends string>(
    model: string,
    specs: { readonly [One in Name]?: RowHeadSpec },
    options: BuildOptions = {},
  ): Promise<RowHeads<Name>> {
    const given = Object.entries<RowHeadSpec | undefined>(specs);
    const heads = new Map<string, RowHead>();
    for (const [name, spec] of given) if (spec !== undefined) heads.set(name, await RowHead.build(spec, options));
    return new RowHeads(model, heads);
  }

  get bytes(): number {
    return [...this.#heads.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  has(name: Name): boolean {
    return this.#heads.has(name);
  }

  /** Rows [..., width] to [..., outputs]. Rejects with `model/unsupported` without such a head, and as `Stack.run` does. */
  async run(name: Name, rows: Tensor, signal?: AbortSignal): Promise<Tensor> {
    const head = this.#heads.get(name);
    if (head !== undefined) return await head.run(rows, signal);
    throw new WeftError('model/unsupported', {
      model: this.#model,
      expected: `a checkpoint with a head for "${name}"`,
      received: this.#heads.size === 0 ? 'one without heads' : `heads for ${[...this.#heads.keys()].join(', ')}`,
    });
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const head of this.#heads.values()) head.release();
  }
}
