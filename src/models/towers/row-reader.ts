/**
 * A tower of pictures whose result is made of several of its rows, and not read off one of them: of two tokens, or of a token
 * and the mean of the others. Knows no family.
 */
import { Linear } from '../../native/linear.ts';
import type { StackResult } from '../../native/stack.ts';
import type { LinearSpec } from '../../native/stack-spec.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { PictureEncoder } from './dual-encoder.ts';
import {
  type BuildOptions,
  type PictureRunOptions,
  type PictureStack,
  type Pictures,
  PictureTower,
} from './picture-tower.ts';

export interface RowReaderSpec<Name extends string> {
  readonly picture: PictureStack;
  readonly linears: Readonly<Record<Name, LinearSpec>>;
  /** From rows [batch, length, width] to [batch, outputs]. */
  readonly read: (
    rows: Tensor,
    linears: Readonly<Record<Name, Linear>>,
    signal: AbortSignal | undefined,
  ) => Promise<Tensor>;
}

export class RowReader<Name extends string = string> implements PictureEncoder {
  readonly tower: PictureTower;
  readonly linears: Readonly<Record<Name, Linear>>;
  readonly #read: RowReaderSpec<Name>['read'];

  private constructor(tower: PictureTower, linears: Readonly<Record<Name, Linear>>, read: RowReaderSpec<Name>['read']) {
    this.tower = tower;
    this.linears = linears;
    this.#read = read;
  }

  /** Rejects as `Stack.build` does. */
  static async build<Name extends string>(
    { picture, linears, read }: RowReaderSpec<Name>,
    options: BuildOptions = {},
  ): Promise<RowReader<Name>> {
    const built: [string, Linear][] = [];
    for (const [name, spec] of Object.entries<LinearSpec>(linears))
      built.push([name, await Linear.build(spec, options)]);
    const parts = Object.fromEntries(built) as Record<Name, Linear>;
    return new RowReader(await PictureTower.build(picture, options), parts, read);
  }

  get bytes(): number {
    return this.#linears().reduce((sum, { bytes }) => sum + bytes, this.tower.bytes);
  }

  /** `head` is what was read. Rejects as `PictureTower.run` does. */
  async run(pictures: Pictures, options: Omit<PictureRunOptions, 'outputs'> = {}): Promise<StackResult> {
    const result = await this.tower.run(pictures, options);
    return { ...result, head: await this.#read(result.hidden!, this.linears, options.signal) };
  }

  async embed(pictures: Pictures, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    const { hidden, head } = await this.run(pictures, { signal });
    hidden!.release();
    return head!;
  }

  /** The rows themselves, [batch, length, width]. Rejects as `PictureTower.run` does. */
  rows(pictures: Pictures, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Tensor> {
    return this.tower.rows(pictures, options);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    this.tower.release();
    for (const part of this.#linears()) part.release();
  }

  #linears(): Linear[] {
    return Object.values(this.linears);
  }
}
