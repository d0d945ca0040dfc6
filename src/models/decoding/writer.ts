/** A text written from a prompt: greedily, piece by piece, as long as its checkpoint says. Knows no model, only steps. */
import type { Tokenizer } from '../../text/tokenizer.ts';
import { decodeGreedily, type TokenRules } from './greedy.ts';
import type { DecodingSteps } from './steps.ts';
import { TextStream } from './text-stream.ts';

export interface WritingPlan {
  /** Used up. */
  readonly steps: DecodingSteps;
  /** What the model reads before it writes. */
  readonly prompt: readonly number[];
  /** Those of the prompt that are part of the text; none when left out. */
  readonly shown?: readonly number[];
  /** The most tokens that are written. */
  readonly maxTokens: number;
  readonly rules: TokenRules;
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
  readonly onText?: ((piece: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The text without space around it; the pieces together are the same. Rejects with `model/bad-input` when prompt and text do
 * not fit, `run/cancelled`, and as `Stack.run` does.
 */
export async function writeText(plan: WritingPlan): Promise<string> {
  const { steps, prompt, shown = [], maxTokens, rules, tokenizer, onText = () => {}, signal } = plan;
  const stream = new TextStream((ids) => tokenizer.decode(ids).trim(), onText);
  for (const id of shown) stream.add(id);
  const onStep = ([token]: readonly number[]) => {
    if (!rules.endIds.includes(token!)) stream.add(token!);
  };
  await decodeGreedily(steps, [prompt], { ...rules, maxNewTokens: maxTokens, onStep, signal });
  return stream.finish();
}
