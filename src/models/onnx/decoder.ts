/**
 * Decoders as exporters write them, behind one way of reading: one file with a switch (`decoder_model_merged`), one for the
 * prompt and one for what follows (`decoder_model`, `decoder_with_past_model`), or one that takes an empty past (`model`).
 * Keys and values (`present.*`, fed again as `past_key_values.*`) belong to who reads. Must not choose tokens.
 */
import { WeftError } from '../../errors.ts';
import { Tensor } from '../../native/tensor.ts';
import type { TensorValue } from '../../protocol/value.ts';
import { describe, type Feed } from './check-feeds.ts';
import type { OnnxPort } from './message.ts';
import type { NetworkFeed, OnnxNetwork } from './network.ts';
import type { OnnxNetworks } from './networks.ts';

const SWITCH = 'use_cache_branch';
const MEMORY = 'encoder_hidden_states';
const LOGITS = 'logits';
const INPUTS = [
  ...['input_ids', 'decoder_input_ids', 'attention_mask', 'decoder_attention_mask', 'position_ids'],
  ...[MEMORY, 'encoder_attention_mask', SWITCH],
];

/** Of one text after another: keys and values by the inputs they are fed to, and the memory. */
export interface DecoderState {
  readonly past: ReadonlyMap<string, Feed>;
  readonly memory: Feed | undefined;
}

export interface DecoderRead {
  /** [batch, length], row-major. */
  readonly ids: readonly number[];
  readonly batch: number;
  /** [batch, read before + length]: 1 is seen. */
  readonly mask: readonly number[];
  /** [batch, length]. */
  readonly positions: readonly number[];
  /** Moves to the thread: it is gone afterwards, whatever happens. No past: these are the prompts. */
  readonly state: DecoderState;
  /** The texts go on from these items of the state; from their own when left out. */
  readonly items?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class OnnxDecoder {
  /** How errors name it. */
  readonly name: string;
  readonly bytes: number;
  readonly #prompt: OnnxNetwork;
  readonly #next: OnnxNetwork;
  /** Inputs of the past. */
  readonly #past: readonly OnnxPort[];

  private constructor(prompt: OnnxNetwork, next: OnnxNetwork) {
    this.name = next.name;
    this.bytes = prompt === next ? next.bytes : prompt.bytes + next.bytes;
    this.#prompt = prompt;
    this.#next = next;
    this.#past = next.inputs.filter(({ name }) => isPast(name));
    const others = this.#past.map(({ name }) => name);
    for (const network of [prompt, next]) {
      network.expectInputs([...INPUTS, ...others]);
      network.expectOutput(LOGITS);
    }
    for (const { name } of this.#past) prompt.expectOutput(presentOf(name));
    const unsized = this.#past.find((port) => !isSized(port));
    if (this.#past.length > 0 && unsized === undefined) return;
    const expected =
      'keys and values of earlier tokens (past_key_values.*) with sizes for heads and their width alone,';
    const received = unsized === undefined ? 'none' : `"${unsized.name}" [${describe(unsized.shape)}]`;
    throw new WeftError('model/unsupported', { model: this.name, expected, received });
  }

  /**
   * The first of the forms that the folder has. Rejects with `model/missing-file` for none of them, `model/unsupported` for
   * networks with inputs that nobody gives, or without a past.
   */
  static async open(networks: OnnxNetworks): Promise<OnnxDecoder> {
    const whole = ['decoder_model_merged', 'model'].find((name) => networks.has(name));
    const isSplit = networks.has('decoder_model', 'decoder_with_past_model');
    if (whole === 'decoder_model_merged' || (whole !== undefined && !isSplit)) {
      const [network] = await networks.open(whole);
      return new OnnxDecoder(network, network);
    }
    if (!isSplit) networks.refuse('decoder_model_merged');
    const [prompt, next] = await networks.open('decoder_model', 'decoder_with_past_model');
    return new OnnxDecoder(prompt, next);
  }

  /** Logits [batch, vocabulary] after the last token of each text, and the state after it. Throws as `OnnxSession.run`. */
  async read({ ids, batch, mask, positions, state, items, signal }: DecoderRead) {
    const isFirst = state.past.size === 0;
    const network = isFirst ? this.#prompt : this.#next;
    const tokens = { integers: ids, shape: [batch, ids.length / batch] };
    const seen = { integers: mask, shape: [batch, mask.length / batch] };
    const memory = state.memory;
    const rows = items === undefined ? {} : { rows: items };
    const feeds: Record<string, NetworkFeed> = {
      ...{ input_ids: tokens, decoder_input_ids: tokens, attention_mask: seen, decoder_attention_mask: seen },
      position_ids: { integers: positions, shape: tokens.shape },
      [SWITCH]: { integers: [isFirst ? 0 : 1], shape: [1] },
      ...(memory === undefined
        ? {}
        : { [MEMORY]: { ...memory, ...rows }, encoder_attention_mask: allOf(batch, memory) }),
    };
    for (const port of this.#past) {
      const kept = state.past.get(port.name);
      feeds[port.name] = kept === undefined ? emptyOf(port, batch) : { ...kept, ...rows };
    }
    // Exports with a memory give its keys and values with the prompt only, or again without meaning.
    const constant = isFirst ? [] : this.#past.filter(({ name }) => isOfMemory(name) || !gives(network, name));
    const fresh = this.#past.filter((port) => !constant.includes(port)).map(({ name }) => presentOf(name));
    const returned = [...constant.map(({ name }) => name), MEMORY];
    const results = await network.run(feeds, { outputs: [LOGITS, ...fresh], kept: fresh, returned, signal });
    const past = this.#past.map((port) => {
      return [port.name, results[constant.includes(port) ? port.name : presentOf(port.name)]!] as const;
    });
    // A network that does not read the memory leaves it where it was, of interest for its length only.
    const next: DecoderState = { past: new Map(past), memory: results[MEMORY] ?? memory };
    return { logits: lastRows(results[LOGITS]!), state: next };
  }

  /** Lets go of its networks. */
  release(): void {
    this.#prompt.release();
    this.#next.release();
  }
}

/** [batch, heads, tokens, width]. */
function isSized({ shape: [, heads, tokens, width], shape }: OnnxPort): boolean {
  return shape.length === 4 && typeof heads === 'number' && typeof tokens !== 'number' && typeof width === 'number';
}

/** What stands for no tokens. */
function emptyOf({ dtype, shape }: OnnxPort, batch: number): Feed {
  const data = dtype === 'float16' ? new Uint16Array(0) : new Float32Array(0);
  return { dtype, shape: [batch, shape[1] as number, 0, shape[3] as number], data };
}

const isPast = (name: string): boolean => name.startsWith('past_key_values.');
const presentOf = (past: string): string => past.replace('past_key_values.', 'present.');
const isOfMemory = (past: string): boolean => past.includes('.encoder.');
const gives = (network: OnnxNetwork, past: string): boolean =>
  network.outputs.some(({ name }) => name === presentOf(past));

function allOf(batch: number, { shape }: Feed): NetworkFeed {
  const [, length = 0] = shape;
  return { integers: Array<number>(batch * length).fill(1), shape: [batch, length] };
}

/** Of [batch, length, vocabulary], the last row of each text. */
function lastRows({ data, shape }: TensorValue): Tensor {
  const [batch = 0, length = 0, vocabulary = 0] = shape;
  const numbers = data as Float32Array;
  if (length === 1) return Tensor.from(numbers, [batch, vocabulary]);
  const rows = new Float32Array(batch * vocabulary);
  for (let text = 0; text < batch; text += 1) {
    const start = ((text + 1) * length - 1) * vocabulary;
    rows.set(numbers.subarray(start, start + vocabulary), text * vocabulary);
  }
  return Tensor.from(rows, [batch, vocabulary]);
}
