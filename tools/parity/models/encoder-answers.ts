/**
 * Outputs of encoders by the names that cases give them: `RUN.hidden_states.2`, `logits`, … A run of the model gives all
 * of its outputs at once, and is made once. Knows no family.
 */
import type { StackResult } from '../../../src/native/stack.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { NumberArray } from '../compare.ts';
import type { Answers } from './compare-outputs.ts';
import type { ModelCase } from './model-case.ts';

export interface EncoderRuns {
  /** Layers of the stack: hidden states are numbered from 0, the input, to this. */
  readonly layers: number;
  /** What the case calls the head's output; undefined for an encoder without one. */
  readonly head: string | undefined;
  /** Gives back all hidden states. Undefined for a kind of run that the case does not have. */
  readonly run: (kind: string, returnHidden: readonly number[]) => Promise<StackResult> | undefined;
}

/** `hidden_states.N`, `last_hidden_state` and the head's name; before a dot the kind of run, none for the plain one. */
export function encoderAnswers({ layers, head, run }: EncoderRuns): Answers {
  const runs = new Map<string, Promise<StackResult> | undefined>();
  const states = Array.from({ length: layers + 1 }, (_, state) => state);
  return async (output) => {
    const [, kind = '', name = ''] = /^(?:(\w+)\.)??((?:hidden_states\.)?\w+)$/.exec(output) ?? [];
    if (!runs.has(kind)) runs.set(kind, run(kind, states));
    const result = await runs.get(kind);
    if (result === undefined) return undefined;
    const [, state] = /^hidden_states\.(\d+)$/.exec(name) ?? [];
    if (state !== undefined) return arrayOf(result.hiddenStates[Number(state)]);
    if (name === 'last_hidden_state') return arrayOf(result.hidden);
    return name === head ? arrayOf(result.head) : undefined;
  };
}

export function arrayOf(tensor: Tensor | undefined): NumberArray | undefined {
  return tensor === undefined ? undefined : { data: tensor.toFloats(), shape: tensor.shape };
}

/** Pictures of a case: `pixel_values`, and for the kind of run `interp` those of another size. */
export function picturesOf(
  { inputs }: ModelCase,
  kind: string,
): { data: Float32Array; shape: readonly number[] } | undefined {
  const tensor = inputs.get(kind === '' ? 'pixel_values' : `pixel_values_${kind}`);
  return tensor?.data instanceof Float32Array ? { data: tensor.data, shape: tensor.shape } : undefined;
}

/** Token inputs [batch, length] of a case. */
export function tokensOf({ inputs }: ModelCase, name: string): BigInt64Array | undefined {
  const data = inputs.get(name)?.data;
  return data instanceof BigInt64Array ? data : undefined;
}
