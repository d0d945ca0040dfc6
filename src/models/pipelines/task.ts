/**
 * The tasks that models do, by the names that the hub's pipelines have: what each takes and gives. Types only.
 * Values are those that flow through graphs, so that a node may hand them on as they are.
 */
import type {
  AnswerValue,
  BoxesValue,
  CaptionValue,
  FeaturesValue,
  ImageValue,
  MasksValue,
  ScoresValue,
} from '../../protocol/value.ts';
import type { DecodingSettings } from '../decoding/settings.ts';

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is written, piece by piece, as soon as it can no longer change. */
  readonly onText?: ((piece: string) => void) | undefined;
  /** All that stands there now, where some of it may still be rewritten: the leading beam. */
  readonly onDraft?: ((text: string) => void) | undefined;
}

/** Throws `model/bad-input` for what the model cannot take, `run/cancelled`, `native/out-of-memory`. */
export type Task<Input, Output> = (input: Input, options?: TaskOptions) => Promise<Output>;

/** Regions of a picture, as VisualBERT, LXMERT and ViLBERT read it: what a detector saw, and where. */
export interface Regions {
  /** One row for each region. */
  readonly features: FeaturesValue;
  /** float32 [regions, 4]: left, top, right, bottom as shares of the picture. */
  readonly boxes?: Float32Array;
}

/** A picture, or its regions where the model reads those. */
export type Sight = { readonly image: ImageValue } | { readonly regions: Regions };

/** How a text is written. */
export interface Writing {
  /** Most tokens that are written; the checkpoint's own number when left out. */
  readonly maxTokens?: number | undefined;
  /** How tokens are chosen; the checkpoint's own way when left out. */
  readonly decoding?: DecodingSettings | undefined;
}

export interface TaskSignatures {
  /** Pictures to embeddings float32 [dim], as projected, not normalised. */
  'image-feature-extraction': Task<{ readonly images: readonly ImageValue[] }, readonly Float32Array[]>;
  /**
   * Texts to embeddings float32 [dim], as projected, not normalised; of a tower of texts alone: made of the rows of a text's
   * tokens as the checkpoint says (sentence-transformers), by default their mean.
   */
  'text-feature-extraction': Task<{ readonly texts: readonly string[] }, readonly Float32Array[]>;
  'image-classification': Task<{ readonly image: ImageValue }, ScoresValue>;
  'text-classification': Task<{ readonly text: string }, ScoresValue>;
  /** Each label is put at `{}` in the template: the family's own when left out, `{}` for labels that are texts already. */
  'zero-shot-image-classification': Task<
    { readonly image: ImageValue; readonly labels: readonly string[]; readonly template?: string },
    ScoresValue
  >;
  'zero-shot-video-classification': Task<
    { readonly frames: readonly ImageValue[]; readonly labels: readonly string[] },
    ScoresValue
  >;
  /** One entry for each text, in [0, 1]: how probable it is that the text describes the picture. */
  'image-text-matching': Task<Sight & { readonly texts: readonly string[] }, ScoresValue>;
  'visual-question-answering': Task<Sight & { readonly question: string } & Writing, AnswerValue>;
  /** Whether a statement holds for a pair of pictures (NLVR2). */
  'visual-reasoning': Task<
    ({ readonly images: readonly ImageValue[] } | { readonly regions: Regions }) & { readonly text: string },
    ScoresValue
  >;
  /** Candidates for each mask token of the text, in order. */
  'fill-mask': Task<Partial<Sight> & { readonly text: string }, readonly ScoresValue[]>;
  /** Which region each phrase of a text means. */
  'phrase-grounding': Task<
    { readonly regions: Regions; readonly text: string; readonly phrases: readonly string[] },
    ScoresValue
  >;
  'multiple-choice': Task<Sight & { readonly question: string; readonly choices: readonly string[] }, ScoresValue>;
  'image-to-text': Task<{ readonly image: ImageValue; readonly prompt?: string } & Writing, CaptionValue>;
  'video-to-text': Task<{ readonly frames: readonly ImageValue[]; readonly prompt?: string } & Writing, CaptionValue>;
  /** A conversation over pictures: `<image>` in the prompt stands for the next of them. */
  'image-text-to-text': Task<
    { readonly images: readonly ImageValue[]; readonly prompt: string } & Writing,
    CaptionValue
  >;
  'text-generation': Task<{ readonly prompt: string } & Writing, CaptionValue>;
  'zero-shot-object-detection': Task<
    { readonly image: ImageValue; readonly labels: readonly string[]; readonly threshold?: number },
    BoxesValue
  >;
  /** Objects that look like the one of another picture. */
  'image-guided-object-detection': Task<
    { readonly image: ImageValue; readonly query: ImageValue; readonly threshold?: number },
    BoxesValue
  >;
  /** A mask for each label. */
  'zero-shot-image-segmentation': Task<
    { readonly image: ImageValue; readonly labels: readonly string[]; readonly threshold?: number },
    MasksValue
  >;
  /** Where the picture looks like another one. */
  'image-guided-segmentation': Task<
    { readonly image: ImageValue; readonly query: ImageValue; readonly threshold?: number },
    MasksValue
  >;
}

export type TaskName = keyof TaskSignatures;

/** What one checkpoint does. */
export type Tasks = { readonly [Name in TaskName]?: TaskSignatures[Name] };
