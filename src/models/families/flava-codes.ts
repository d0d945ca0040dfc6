/** FLAVA's codebook put together: pictures to a code for each of their places. */
import { WeftError } from '../../errors.ts';
import { add, gatherRows, permute } from '../../native/arrange.ts';
import { Convolution } from '../../native/convolution.ts';
import { activate, argmax, type OperatorOptions } from '../../native/rows.ts';
import { Tensor } from '../../native/tensor.ts';
import type { BuildOptions, Pictures } from '../towers/picture-tower.ts';
import type { CodebookSpec } from './flava-codebook.ts';

interface Block {
  readonly identity: Convolution | undefined;
  readonly path: readonly Convolution[];
}

/** Pixels next to each other, along height and width, that become one. */
const HALF = 2;

export class FlavaCodebook {
  readonly #spec: CodebookSpec;
  readonly #input: Convolution;
  readonly #groups: readonly (readonly Block[])[];
  readonly #output: Convolution;

  private constructor(
    spec: CodebookSpec,
    [input, groups, output]: readonly [Convolution, readonly (readonly Block[])[], Convolution],
  ) {
    this.#spec = spec;
    this.#input = input;
    this.#groups = groups;
    this.#output = output;
  }

  /** Rejects as `Convolution.build` does. */
  static async build(spec: CodebookSpec, options: BuildOptions = {}): Promise<FlavaCodebook> {
    const groups: Block[][] = [];
    for (const group of spec.groups) {
      const blocks: Block[] = [];
      for (const { identity, path } of group) {
        blocks.push({
          identity: identity && (await Convolution.build(identity, options)),
          path: await Promise.all(path.map((one) => Convolution.build(one, options))),
        });
      }
      groups.push(blocks);
    }
    const [input, output] = [spec.input, spec.output].map((one) => Convolution.build(one, options));
    return new FlavaCodebook(spec, [await input!, groups, await output!]);
  }

  /**
   * Logits [batch, height / 8, width / 8, vocabulary] of pictures [batch, channels, height, width] that the processor mapped
   * for the codebook. Rejects with `model/bad-input` for other channels and pictures too small, and as `Convolution.run`.
   */
  async run(pictures: Pictures, { signal }: OperatorOptions = {}): Promise<Tensor> {
    this.#check(pictures.shape);
    using planes = Tensor.from(pictures.data, pictures.shape);
    using picture = await permute(planes, [0, 2, 3, 1], { signal });
    let x = await this.#input.run(picture, { layout: 'nhwc', signal });
    for (const [group, blocks] of this.#groups.entries()) {
      for (const block of blocks) x = await replace(x, (input) => this.#runBlock(block, input, signal));
      if (group < this.#groups.length - 1) x = await replace(x, (input) => halve(input, signal));
    }
    using last = x;
    using positive = await activate(last, 'relu', { signal });
    return await this.#output.run(positive, { layout: 'nhwc', signal });
  }

  /** The most probable code of each place: [batch, height / 8, width / 8], row-major. Rejects as `run` does. */
  async codes(pictures: Pictures, options: OperatorOptions = {}): Promise<{ data: Int32Array; shape: number[] }> {
    using logits = await this.run(pictures, options);
    return { data: await argmax(logits, options), shape: logits.shape.slice(0, 3) };
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const { identity, path } of this.#groups.flat()) for (const one of [identity, ...path]) one?.release();
    this.#input.release();
    this.#output.release();
  }

  /** identity(x) + gain * path(x). */
  async #runBlock({ identity, path }: Block, input: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
    let inner = await activate(input, 'relu', { signal });
    for (const [index, convolution] of path.entries()) {
      inner = await replace(inner, (x) => convolution.run(x, { layout: 'nhwc', signal }));
      if (index < path.length - 1) inner = await replace(inner, (x) => activate(x, 'relu', { signal }));
    }
    using residual = inner;
    if (identity === undefined) return await add(input, residual, { scale: this.#spec.gain, signal });
    using same = await identity.run(input, { layout: 'nhwc', signal });
    return await add(same, residual, { scale: this.#spec.gain, signal });
  }

  #check(shape: readonly number[]): void {
    const { channels, name } = this.#spec;
    const least = HALF ** (this.#groups.length - 1);
    const [, given, height = 0, width = 0] = shape;
    if (shape.length === 4 && given === channels && Math.min(height, width) >= least) return;
    const expected = `float32 [batch x ${channels} x at least ${least} x at least ${least}]`;
    const received = `[${shape.join(' x ')}]`;
    throw new WeftError('model/bad-input', { model: name, input: 'codebook_pixel_values', expected, received });
  }
}

/** Lets go of the tensor that another takes the place of. */
async function replace(x: Tensor, make: (x: Tensor) => Promise<Tensor>): Promise<Tensor> {
  using before = x;
  return await make(before);
}

/** [batch, height, width, channels] with the largest of each 2 x 2 pixels; a last odd row or column is left out. */
async function halve(x: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
  const [batch = 0, height = 0, width = 0] = x.shape;
  const rows = Math.floor(height / HALF);
  const columns = Math.floor(width / HALF);
  const shape = [batch, rows, columns];
  const corner = (down: number, right: number) => {
    const places = Int32Array.from({ length: batch * rows * columns }, (_, place) => {
      const [item, rest] = [Math.floor(place / (rows * columns)), place % (rows * columns)];
      const [row, column] = [HALF * Math.floor(rest / columns) + down, HALF * (rest % columns) + right];
      return (item * height + row) * width + column;
    });
    return gatherRows(x, places, shape, { signal });
  };
  using upper = await larger(await corner(0, 0), await corner(0, 1), signal);
  using lower = await larger(await corner(1, 0), await corner(1, 1), signal);
  return await larger(upper, lower, signal);
}

/** max(a, b) = b + relu(a - b), number by number; lets go of both. */
async function larger(a: Tensor, b: Tensor, signal: AbortSignal | undefined): Promise<Tensor> {
  using first = a;
  using second = b;
  using difference = await add(first, second, { scale: -1, signal });
  using excess = await activate(difference, 'relu', { signal });
  return await add(second, excess, { signal });
}
