/**
 * How the tokens of a text are chosen: what a person may ask for, what a checkpoint brings along, and the plan that both
 * make. Types, and which strategy reads which setting. Must not choose tokens.
 */

/** `beam-sample` is beam search whose candidates are drawn. */
export const STRATEGIES = ['greedy', 'beam', 'sample', 'beam-sample', 'contrastive'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What acts on the scores of the next token before any strategy chooses; transformers calls these logits processors. */
export interface ProcessorSettings {
  /** Above 1: tokens that the text has already, its prompt included, become less likely (Keskar 2019, CTRL). */
  readonly repetitionPenalty?: number;
  /** No run of so many tokens occurs twice, the prompt included. */
  readonly noRepeatNgram?: number;
  /** A text does not end before it has so many new tokens. */
  readonly minTokens?: number;
  /** Tokens that are never written. */
  readonly suppressed?: readonly number[];
  /** Tokens that are not written first. */
  readonly suppressedFirst?: readonly number[];
}

/** What shapes the distribution that tokens are drawn from, in this order; transformers calls these logits warpers. */
export interface FilterSettings {
  /** Below 1 likely tokens become likelier still. */
  readonly temperature?: number;
  /** The k likeliest tokens stay, and those that tie with the k-th; 0 keeps all. In contrastive search: its candidates. */
  readonly topK?: number;
  /** The likeliest tokens stay that reach this probability together (Holtzman 2020, nucleus sampling). */
  readonly topP?: number;
  /** Tokens stay that are at least so probable, compared with the likeliest (Nguyen 2024). */
  readonly minP?: number;
  /** The tokens stay whose information is closest to the expected one, up to this probability (Meister 2022). */
  readonly typicalP?: number;
}

export interface BeamSettings {
  readonly beams: number;
  /** The score of a text is its log-probability / (new tokens ** this): above 0 longer texts gain. */
  readonly lengthPenalty: number;
  /**
   * When to stop: true with as many ended texts as beams; false when the best beam, at its present length, would no longer
   * enter the ended ones; 'never' when none can at any length.
   */
  readonly earlyStopping: boolean | 'never';
  /** Beams are split into as many groups, which choose one after the other (Vijayakumar 2016, Diverse Beam Search). */
  readonly groups: number;
  /** What a token loses for each earlier group that chose it at the same step (the Hamming diversity of that paper). */
  readonly diversity: number;
}

/** All of it optional: what is left out is the checkpoint's own, else as in transformers' `generate`. */
export interface DecodingSettings extends ProcessorSettings, FilterSettings, Partial<BeamSettings> {
  /** Left out: the checkpoint's, or `beam` where more than one beam is asked for. */
  readonly strategy?: Strategy;
  /** Of contrastive search: what a token loses that is like one before it, from 0, which is greedy search, to 1. */
  readonly penaltyAlpha?: number;
  /** The same seed draws the same tokens. 0 when left out, so that a checkpoint that samples repeats itself. */
  readonly seed?: number;
  /** The text ends before the first of these, which is not part of it. */
  readonly stop?: readonly string[];
}

/** What a checkpoint says of itself, by generation_config.json. */
export interface CheckpointDecoding {
  /** Its settings; the strategy is not among them, since it follows from `isSampled` and the number of beams. */
  readonly settings: Omit<DecodingSettings, 'strategy' | 'seed'>;
  readonly isSampled: boolean;
  /** A text, its prompt included, does not end before it has so many tokens. */
  readonly minLength?: number;
  /** The token after a prompt of one token, whatever is likelier. */
  readonly forcedFirst?: number;
  /** The last token of a text that becomes as long as it may. */
  readonly forcedLast?: readonly number[];
}

/** Settings without gaps and contradictions. */
export type DecodingPlan = ProcessorSettings &
  Pick<CheckpointDecoding, 'minLength' | 'forcedFirst' | 'forcedLast'> & {
    readonly stop: readonly string[];
    /** Numbers that a person asked for: they must not exceed the vocabulary, while those of a checkpoint may. */
    readonly asked: Pick<DecodingSettings, 'topK' | 'beams'>;
  } & (
    | { readonly strategy: 'greedy' }
    | ({ readonly strategy: 'sample'; readonly seed: number } & FilterSettings)
    | { readonly strategy: 'contrastive'; readonly topK: number; readonly penaltyAlpha: number }
    | ({ readonly strategy: 'beam' } & BeamSettings)
    | ({ readonly strategy: 'beam-sample'; readonly seed: number } & BeamSettings & FilterSettings)
  );

const DRAWN: readonly Strategy[] = ['sample', 'beam-sample'];
const BEAMS: readonly Strategy[] = ['beam', 'beam-sample'];

/** Settings that only some strategies read. */
export const READ_BY = {
  temperature: DRAWN,
  topK: [...DRAWN, 'contrastive'],
  topP: DRAWN,
  minP: DRAWN,
  typicalP: DRAWN,
  seed: DRAWN,
  penaltyAlpha: ['contrastive'],
  beams: BEAMS,
  lengthPenalty: BEAMS,
  earlyStopping: BEAMS,
  groups: ['beam'],
  diversity: ['beam'],
} as const satisfies Partial<Record<keyof DecodingSettings, readonly Strategy[]>>;
