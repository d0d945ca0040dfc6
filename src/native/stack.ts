/**
 * A transformer stack in the addon: built once from weights, run as one native call for all its layers.
 * Work runs on the addon's threads; the event loop only checks arguments. Buffers given to a run must not be changed
 * until its promise settles.
 */
import { WeftError } from '../errors.ts';
import { KvCache, type KvTree } from './kv-cache.ts';
import { type NativeHandle, type NativeStackInput, nativeAddon } from './loader.ts';
import { runNative } from './operation.ts';
import { storePacked } from './packed-weights.ts';
import { checkRun, type StackFacts, type StackInput, type StackRunOptions } from './stack-input.ts';
import type { Precision, StackSpec } from './stack-spec.ts';
import { Tensor } from './tensor.ts';

export type { StackInput, StackRunOptions } from './stack-input.ts';

export interface StackResult {
  /** float32 [batch, length, width] after the final norm; there unless `outputs` leaves it out. */
  readonly hidden: Tensor | undefined;
  /** float32 [batch, outputs], or [batch, length, outputs] for a head over all rows. */
  readonly head: Tensor | undefined;
  /** In the order of `returnHidden`: 0 is the input of the first layer, n the output of layer n before any final norm. */
  readonly hiddenStates: readonly Tensor[];
}

export class Stack {
  readonly name: string;
  readonly precision: Precision;
  readonly width: number;
  readonly layers: number;
  /** Bytes of packed weights, those shared with other stacks included. */
  readonly bytes: number;
  readonly #facts: StackFacts;
  #handle: NativeHandle<'stack'> | undefined;

  private constructor(handle: NativeHandle<'stack'>, spec: StackSpec, precision: Precision, bytes: number) {
    this.#handle = handle;
    this.name = spec.name;
    this.precision = precision;
    this.width = spec.width;
    this.layers = spec.layers.length;
    this.bytes = bytes;
    this.#facts = factsOf(spec);
  }

  /**
   * Packs the weights (shared with stacks that use the same ones) and checks that they fit each other.
   * Rejects with `native/bad-argument`, `model/bad-weights` for numbers that are not finite, `native/out-of-memory`,
   * `run/cancelled`.
   */
  static async build(
    spec: StackSpec,
    { precision = 'fp32', signal }: { precision?: Precision; signal?: AbortSignal | undefined } = {},
  ): Promise<Stack> {
    const operator = `building ${spec.name}`;
    const { handle, bytes } = await runNative(operator, () => nativeAddon().buildStack(spec, precision), signal);
    void storePacked();
    return new Stack(handle, spec, precision, bytes);
  }

  /** An empty cache of keys and values for `batch` items. */
  newCache(batch = 1): KvCache {
    return new KvCache(nativeAddon().newCache(this.#live(), batch), batch);
  }

  /**
   * All layers in one native call. Rejects with `native/bad-argument`, `native/out-of-range` (a token or position beyond
   * its table), `native/wrong-cache`, `native/released`, `native/out-of-memory`, `run/cancelled`, and with
   * `input/bad-file` where the file of its embeddings was written to since; caches are then as before.
   */
  async run(input: StackInput, options: StackRunOptions = {}): Promise<StackResult> {
    const { outputs = {}, returnHidden = [], cache, tree } = options;
    const checked = checkRun(this.name, this.#facts, input, options);
    const wants = { wantHidden: outputs.hidden ?? true, wantHead: (outputs.head ?? true) && this.#facts.head };
    const request: NativeStackInput = { ...checked, ...wants };
    const handle = this.#live();
    const result = await runNative(this.name, () => nativeAddon().runStack(handle, request), options.signal);
    for (const held of [cache, tree] as readonly (KvCache | KvTree | undefined)[]) held?.refresh();
    const adopt = (made: { handle: NativeHandle<'tensor'>; shape: number[] }) => Tensor.adopt(made.handle, made.shape);
    return {
      hidden: result.hidden === undefined ? undefined : adopt(result.hidden),
      head: result.head === undefined ? undefined : adopt(result.head),
      hiddenStates: returnHidden.map((_, index) => adopt(result.hiddenStates[index]!)),
    };
  }

  /** Lets go of the weights no other stack uses; runs under way keep them until they end. */
  release(): void {
    if (this.#handle === undefined) return;
    nativeAddon().releaseStack(this.#handle);
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #live(): NativeHandle<'stack'> {
    if (this.#handle === undefined) throw new WeftError('native/released', { what: `stack ${this.name}` });
    return this.#handle;
  }
}

function factsOf(spec: StackSpec): StackFacts {
  const memories = spec.layers.flat().map(({ crossAttention }) => (crossAttention?.memory ?? -1) + 1);
  const weight = spec.patches?.project.weight;
  return {
    width: spec.width,
    input: spec.tokens !== undefined ? 'ids' : spec.patches !== undefined ? 'pixels' : 'rows',
    channels: weight?.shape[1] ?? 0,
    patch: [weight?.shape[2] ?? 0, weight?.shape[3] ?? 0],
    leading: spec.patches?.leading?.length ?? 0,
    layers: spec.layers.length,
    selfAttentions: spec.layers.flat().filter(({ selfAttention }) => selfAttention !== undefined).length,
    memories: Math.max(0, ...memories),
    head: spec.head !== undefined,
    headRows: spec.head?.rows === 'chosen',
  };
}
