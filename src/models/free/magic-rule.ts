/** The numbers of MaGiC's rule, and those that its authors chose for each task. Data only. */

export interface MagicRule {
  /** Candidates of a step: the likeliest tokens of the language model. */
  readonly k: number;
  /** What sameness costs. */
  readonly alpha: number;
  /** What fitting the picture gains. */
  readonly beta: number;
}

export interface MagicPreset extends MagicRule {
  /** Most tokens, those of the start and the title included. */
  readonly maxTokens: number;
  /** Only so many sentences of the text are kept. */
  readonly sentences?: number;
}

/** As in the authors' scripts; a model used on another domain keeps the numbers of its own. */
export const MAGIC_PRESETS = {
  coco: { k: 45, alpha: 0.1, beta: 2, maxTokens: 16 },
  flickr30k: { k: 25, alpha: 0.1, beta: 2, maxTokens: 20 },
  stories: { k: 5, alpha: 0.6, beta: 0.15, maxTokens: 100, sentences: 5 },
} as const satisfies Readonly<Record<string, MagicPreset>>;

export type MagicPresetName = keyof typeof MAGIC_PRESETS;

/** The picture is compared with the last tokens of the text alone, which CLIP reads at most 77 tokens of. */
export const MAGIC_TEXT_TOKENS = 60;
