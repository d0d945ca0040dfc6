/**
 * A picture's caption by MaGiC: a language model that has never seen a picture writes, a model that compares texts with
 * pictures leads it. Any causal language model, any model of two towers. Must not choose tokens: magic-steps.ts does.
 */
import { WeftError } from '../../errors.ts';
import type { DecodingStep, DecodingTrace } from '../../protocol/decoding-trace.ts';
import type { ImageValue } from '../../protocol/value.ts';
import { PieceDecoder } from '../../text/piece-decoder.ts';
import { languageSteps } from '../decoding/language-steps.ts';
import { candidatesOf, replicatedCandidates } from '../decoding/replicated-candidates.ts';
import { TextStream } from '../decoding/text-stream.ts';
import type { FamilyModel } from '../pipelines/family-loader.ts';
import { type MagicStart, magicPrompt } from './magic-prompt.ts';
import type { MagicRule } from './magic-rule.ts';
import { type MagicStep, magicSteps } from './magic-steps.ts';
import { encodedFit, searchedFit, type TextFit } from './text-fit.ts';

export interface MagicModels {
  /** Of a family that goes on with texts. */
  readonly language: Pick<FamilyModel, 'ref' | 'architecture' | 'language'>;
  /** Of a family of two towers. */
  readonly comparison: Pick<FamilyModel, 'ref' | 'architecture' | 'tasks' | 'embedding' | 'textSearch'>;
}

export interface MagicRequest extends MagicRule, MagicStart {
  readonly image: ImageValue;
  /** Most tokens, those of the start and the title included. */
  readonly maxTokens: number;
  /** Only so many sentences are kept; all when left out. */
  readonly sentences?: number | undefined;
  readonly mode?: 'fast' | 'reference';
}

export interface MagicOutcome {
  readonly text: string;
  /** `cancelled`: the text is what was written until then. */
  readonly ended: 'by itself' | 'by length' | 'cancelled';
  readonly trace: DecodingTrace;
  /** Candidates of all steps, and how many of them the language model read. */
  readonly candidates: number;
  readonly compared: number;
  /** The text tower is not causal, or `reference` was asked for: every text was encoded whole. */
  readonly isReencoded: boolean;
}

export interface MagicReports {
  readonly signal?: AbortSignal | undefined;
  readonly onText?: ((piece: string) => void) | undefined;
  /** Why a token was chosen, before `onText` tells of it; steps count from 0. */
  readonly onStep?: ((step: DecodingStep, at: number) => void) | undefined;
}

/**
 * The text without space around it, its words told as they are decided. Cancelled before the first word it rejects with
 * `run/cancelled`; later it resolves with what is there. Rejects with `model/unsupported` for models of other families,
 * `model/bad-config` for a language model without a start, `model/bad-input` for more candidates than it has tokens and for a
 * start that leaves no room, `native/not-finite`.
 */
export async function magicCaption(
  { language: model, comparison }: MagicModels,
  { image, maxTokens, sentences, mode = 'fast', k, alpha, beta, ...start }: MagicRequest,
  { signal, onText = () => {}, onStep }: MagicReports = {},
): Promise<MagicOutcome> {
  const { language } = model;
  if (language === undefined) unsupported(model, 'a causal language model (GPT-2, OPT, Llama)');
  const prompt = magicPrompt(model.ref, language, start, maxTokens);
  const { fit, scale, isReencoded } = await fitOf(comparison, image, mode, signal);
  const { endIds, tokenizer } = language;
  const decoder = new PieceDecoder(tokenizer);
  const decode = (ids: readonly number[]) =>
    tidy(tokenizer.decode(ids.filter((id) => id !== prompt.startId)), sentences);
  const stream = new TextStream({ decode, onText });
  const trace: DecodingStep[] = [];
  const steps = languageSteps(language.model, { batch: 1 });
  const searched = magicSteps({
    steps: mode === 'fast' ? candidatesOf(steps) : replicatedCandidates(steps),
    prompt: prompt.ids,
    maxNewTokens: maxTokens - prompt.ids.length,
    continuations: (ids, next) => decoder.continuations(ids, next),
    ...{ k, alpha, beta, endIds, fit, scale, mode, signal },
  });
  const written: number[] = [];
  let ended: MagicOutcome['ended'] = 'by length';
  try {
    for await (const step of searched) {
      const why = explained(step, decoder);
      onStep?.(why, trace.length);
      trace.push(why);
      const token = step.candidates[step.chosen]!;
      if (ended === 'by itself') continue;
      if (endIds.includes(token)) ended = 'by itself';
      else {
        written.push(token);
        stream.show(written);
        if (sentences !== undefined && sentencesOf(decode(written)) >= sentences) ended = 'by itself';
      }
      if (ended === 'by itself' && mode === 'fast') break;
    }
  } catch (thrown) {
    if (signal?.aborted !== true || written.length === 0) throw thrown;
    ended = 'cancelled';
  }
  return { text: stream.finish(written), ended, isReencoded, ...account(trace) };
}

interface OpenFit {
  readonly fit: TextFit;
  readonly scale: number;
  readonly isReencoded: boolean;
}

async function fitOf(
  model: MagicModels['comparison'],
  image: ImageValue,
  mode: 'fast' | 'reference',
  signal: AbortSignal | undefined,
): Promise<OpenFit> {
  const { tasks, embedding, textSearch } = model;
  const { 'image-feature-extraction': embedImages, 'text-feature-extraction': embedTexts } = tasks;
  if (embedImages === undefined || embedTexts === undefined || embedding?.logitScale === undefined) {
    unsupported(model, 'a model that compares pictures with texts (CLIP, SigLIP, ALIGN)');
  }
  const scale = embedding.logitScale;
  const [picture] = await embedImages({ images: [image] }, { signal });
  if (mode === 'fast' && textSearch !== undefined) {
    return { fit: searchedFit(textSearch.begin(), textSearch.encode, picture!), scale, isReencoded: false };
  }
  const embed = (texts: readonly string[], signal: AbortSignal | undefined) => embedTexts({ texts }, { signal });
  return { fit: encodedFit(embed, picture!, { distinct: mode === 'fast' }), scale, isReencoded: true };
}

function explained(
  { candidates, probabilities, penalties, magic, scores, chosen }: MagicStep,
  decoder: PieceDecoder,
): DecodingStep {
  return {
    candidates: candidates.map((token, place) => ({
      text: decoder.piece(token),
      probability: probabilities[place]!,
      penalty: penalties[place]!,
      magic: magic[place]!,
      score: scores[place]!,
      chosen: place === chosen,
    })),
  };
}

function account(steps: readonly DecodingStep[]): Pick<MagicOutcome, 'trace' | 'candidates' | 'compared'> {
  const candidates = steps.flatMap((step) => step.candidates);
  const compared = candidates.filter(({ penalty }) => penalty !== null);
  return { trace: { steps }, candidates: candidates.length, compared: compared.length };
}

/** One space between words, none around them; up to so many full stops. */
function tidy(text: string, sentences: number | undefined): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return sentences === undefined
    ? line
    : line.split('.', sentences).join('.') + (sentencesOf(line) >= sentences ? '.' : '');
}

function sentencesOf(text: string): number {
  return text.split('.').length - 1;
}

function unsupported({ ref, architecture }: { ref: string; architecture: string }, expected: string): never {
  throw new WeftError('model/unsupported', { model: ref, expected, received: architecture });
}
