/**
 * A decoder of ONNX files read step by step: its mask, its keys and values, its memory. Must not choose tokens.
 * Keys and values move to the thread and back; where a step fails they are lost, and the texts cannot go on.
 */
import { WeftError } from '../../errors.ts';
import type { Feed } from '../onnx/check-feeds.ts';
import type { DecoderState, OnnxDecoder } from '../onnx/decoder.ts';
import { placeByMask } from '../towers/language-model.ts';
import type { DecodingSteps } from './steps.ts';

export interface OnnxPrompts {
  /** How many texts are written at once. */
  readonly batch: number;
  /** Most tokens of one text. */
  readonly positions: number;
  /** Of prompts padded on the left: 1 is a token, 0 is padding. */
  readonly mask?: readonly (readonly number[])[] | undefined;
  /** Rows [batch, rows, width] that cross-attention reads; they move away. */
  readonly memory?: Feed | undefined;
}

/** Such files give no hidden states and share no past: contrastive search needs the native backend. */
export function onnxSteps(decoder: OnnxDecoder, { batch, positions, mask, memory }: OnnxPrompts): DecodingSteps {
  const { name } = decoder;
  let state: DecoderState | undefined = { past: new Map(), memory };
  let seen = mask?.map((row) => [...row]);
  let length = 0;
  let items: readonly number[] | undefined;
  return {
    name,
    positions,
    get batch() {
      return items?.length ?? batch;
    },
    async read(ids, { hidden = false, signal } = {}) {
      if (hidden) {
        const expected = 'the native backend, which alone gives hidden states,';
        throw new WeftError('model/unsupported', { model: name, expected, received: 'ONNX files' });
      }
      if (state === undefined) throw new WeftError('native/released', { what: `the keys and values of "${name}"` });
      const texts = items?.length ?? batch;
      const fresh = ids.length / texts;
      checkLength(fresh, length);
      const grown = maskOf(texts, fresh);
      const flat = grown.flat();
      const given = state;
      state = undefined;
      const places = placeByMask(flat, texts, fresh);
      const result = await decoder.read({
        ...{ ids, batch: texts, mask: flat, positions: places, state: given, items, signal },
      });
      ({ state } = result);
      [seen, length, batch, items] = [grown, length + fresh, texts, undefined];
      return { hidden: undefined, head: result.logits, hiddenStates: [] };
    },
    reorder(next) {
      items = next.map((item) => items?.[item] ?? item);
      seen = seen && next.map((item) => [...seen![item]!]);
    },
    release() {
      state = undefined;
    },
  };

  /** Prompts come with their mask; what is written is seen. */
  function maskOf(texts: number, fresh: number): number[][] {
    const before = seen ?? Array.from({ length: texts }, () => Array<number>(length).fill(1));
    return before.map((row) => [...row, ...Array<number>(length + fresh - row.length).fill(1)]);
  }

  function checkLength(fresh: number, read: number): void {
    if (Number.isSafeInteger(fresh) && fresh >= 1 && read + fresh <= positions) return;
    const expected = `texts of one length, at most ${positions} tokens with the ${read} read before,`;
    throw new WeftError('model/bad-input', { model: name, input: 'input_ids', expected, received: `${fresh} tokens` });
  }
}
