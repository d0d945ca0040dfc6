/** A text written from a prompt: by the settings of a person and of the checkpoint, piece by piece. Knows no model, only steps. */
import { WeftError } from '../../errors.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { decode } from './decoder.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { CheckpointDecoding, DecodingSettings } from './settings.ts';
import type { DecodingSteps } from './steps.ts';
import { TextStream } from './text-stream.ts';
import type { TokenRules } from './token-loop.ts';

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
  /** Tokens that end the text, too, but stay in it. */
  readonly lastIds?: readonly number[];
  /** What the checkpoint says of decoding; nothing when left out. */
  readonly byCheckpoint?: CheckpointDecoding | undefined;
  /** What a person asks for, which goes before it. */
  readonly decoding?: DecodingSettings | undefined;
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
  readonly onText?: ((piece: string) => void) | undefined;
  readonly onDraft?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The text without space around it, before its first stop string; the pieces together are the same. Rejects with
 * `model/bad-input` when prompt and text do not fit, `run/bad-parameter` as `resolveSettings` throws, `native/not-finite`,
 * `run/cancelled` with the `text` so far and `isPartial` in its details, and as `Stack.run` does.
 */
export async function writeText(request: WritingPlan): Promise<string> {
  const { steps, prompt, shown = [], maxTokens, lastIds = [], tokenizer, onText, onDraft, signal } = request;
  const rules = { ...request.rules, endIds: [...request.rules.endIds, ...lastIds] };
  const plan = planOf(request);
  const stream = new TextStream({
    ...{ shown, stop: plan.stop, onText, onDraft },
    decode: (ids) => tokenizer.decode(ids),
  });
  const textOf = (written: readonly number[]) => {
    const end = written.findIndex((token) => rules.endIds.includes(token));
    return end < 0 ? written : written.slice(0, lastIds.includes(written[end]!) ? end + 1 : end);
  };
  stream.show([]);
  try {
    const { texts } = await decode(steps, [prompt], {
      ...{ ...rules, plan, maxNewTokens: maxTokens, signal },
      ...(plan.stop.length === 0 ? {} : { isOver: (written) => stream.isOver(written) }),
      onWritten: (written, decided) => stream.show(textOf(written), decided),
    });
    return stream.finish(textOf(texts[0]!.slice(prompt.length)));
  } catch (error) {
    throw withPartial(error, stream.text);
  }
}

/** What was cancelled tells what was written until then, and that it is not all. */
function withPartial(error: unknown, text: string): unknown {
  if (!(error instanceof WeftError) || error.code !== 'run/cancelled' || text === '') return error;
  return new WeftError('run/cancelled', { ...error.details, text, isPartial: true }, { cause: error });
}

/** Steps are released where settings are refused. */
function planOf({ steps, decoding, byCheckpoint }: WritingPlan) {
  try {
    return resolveSettings(decoding, byCheckpoint);
  } catch (error) {
    steps.release();
    throw error;
  }
}
