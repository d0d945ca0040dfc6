/**
 * One ONNX model as the main thread sees it: what goes in, what comes out, and `run`.
 * A light handle: the pool may unload the model behind it and load it again, or move it to a fresh thread.
 */

import { WeftError } from '../../errors.ts';
import type { TensorValue } from '../../protocol/value.ts';
import { checkFeeds, type Feed } from './check-feeds.ts';
import type { OnnxMetadata, OnnxPort, OnnxReply, OnnxRequest, WireFeed } from './message.ts';
import { ownsBuffer } from './post-moving.ts';

export interface OnnxRunOptions {
  /**
   * The feeds' buffers may move to the thread: the caller's arrays are empty afterwards (byteLength 0). Left out, they
   * are copied when the run begins and must not change until then.
   */
  readonly transfer?: boolean;
  /** Rejects with `run/cancelled` at once; a result that still comes is dropped. */
  readonly signal?: AbortSignal;
  /** Names of the outputs to compute; all of them when left out. */
  readonly outputs?: readonly string[];
  /** Outputs of these that are float16 come as float32; the thread converts them. */
  readonly widened?: readonly string[];
  /** Inputs whose tensors come back beside the outputs, with the rows that were taken of them. */
  readonly returned?: readonly string[];
}

/** How a session reaches its thread; the pool's side. */
export interface SessionPort {
  metadata(): OnnxMetadata;
  /** Real paths of the weights beside the model's file. */
  externalFiles(): readonly string[];
  /** Unloads the model as soon as no run needs it. */
  release(): void;
  ask(
    make: (session: number) => { request: OnnxRequest; moving: readonly ArrayBufferView[] },
    signal: AbortSignal | undefined,
  ): Promise<OnnxReply>;
}

export class OnnxSession {
  /** How errors name it. */
  readonly model: string;
  readonly #port: SessionPort;

  constructor(model: string, port: SessionPort) {
    this.model = model;
    this.#port = port;
  }

  get inputs(): readonly OnnxPort[] {
    return this.#port.metadata().inputs;
  }

  /** Outputs that Weft can carry: number tensors. */
  get outputs(): readonly OnnxPort[] {
    return this.#port.metadata().outputs;
  }

  /** Real paths of the weights beside the model's file. */
  get externalFiles(): readonly string[] {
    return this.#port.externalFiles();
  }

  /** Unloads the model once runs under way have ended; a later run loads it again. */
  release(): void {
    this.#port.release();
  }

  /**
   * Runs the model in its thread. Tensors of the result own their buffers, which moved here without a copy.
   * Throws `model/bad-input` for feeds that do not fit, `model/unsupported` for an unknown output,
   * `model/run-failed` when ONNX Runtime fails, `run/cancelled`.
   */
  async run(
    feeds: Readonly<Record<string, Feed>>,
    { transfer = false, signal, outputs, widened = [], returned = [] }: OnnxRunOptions = {},
  ): Promise<Record<string, TensorValue>> {
    const checked = checkFeeds(this.model, this.inputs, feeds);
    const wanted = outputs ?? this.outputs.map(({ name }) => name);
    this.#checkOutputs(wanted);
    const reply = await this.#port.ask((session) => {
      const tensors = checked.map((feed) => (transfer && ownsBuffer(feed.data) ? feed : copied(feed)));
      return {
        request: { kind: 'run', session, model: this.model, feeds: tensors, outputs: wanted, widened, returned },
        moving: tensors.map(({ data }) => data),
      };
    }, signal);
    if (reply.kind !== 'outputs') throw new WeftError('internal');
    return Object.fromEntries(
      reply.outputs.map(({ name, dtype, shape, data }) => [name, { kind: 'Tensor', dtype, shape, data }]),
    );
  }

  #checkOutputs(wanted: readonly string[]): void {
    for (const name of wanted) {
      if (this.outputs.some((output) => output.name === name)) continue;
      const expected = `an output "${name}" (it has ${this.outputs.map((output) => output.name).join(', ')})`;
      throw new WeftError('model/unsupported', { model: this.model, expected, received: 'none' });
    }
  }
}

function copied(feed: WireFeed): WireFeed {
  return { ...feed, data: feed.data.slice() };
}
