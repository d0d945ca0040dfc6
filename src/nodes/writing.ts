/** What nodes that write texts share: how tokens are chosen, how long, and how the text is shown while it is written. */
import { type DecodingSettings, STRATEGIES } from '../models/decoding/settings.ts';
import { withoutGaps } from '../models/decoding/without-gaps.ts';
import type { TaskOptions, Writing } from '../models/pipelines/task.ts';
import type { NodeContext } from '../protocol/node.ts';
import type { ParamSpecs, ParamsOf } from '../protocol/param.ts';

/** Where a choice has no "left out". */
const BY_CHECKPOINT = 'checkpoint';

const left = 'Left out: as the checkpoint says';

export const writingParams = {
  strategy: {
    kind: 'choice',
    options: [BY_CHECKPOINT, ...STRATEGIES],
    default: BY_CHECKPOINT,
    doc: `How tokens are chosen: the likeliest (\`greedy\`), the best of several texts that grow together (\`beam\`), drawn by seed (\`sample\`), both (\`beam-sample\`), or likely and unlike what stands there (\`contrastive\`). \`checkpoint\`: as its generation_config.json says, greedy where it says nothing; one that samples does so with \`seed\`.`,
  },
  beams: {
    kind: 'number',
    doc: `Texts that grow together. ${left}; more than one makes the strategy \`beam\`.`,
    optional: true,
    min: 1,
    max: 256,
    integer: true,
  },
  temperature: {
    kind: 'number',
    doc: `Of sampling: below 1 likely tokens become likelier still. ${left}, else 1.`,
    optional: true,
    min: 0.01,
    max: 100,
  },
  maxTokens: {
    kind: 'number',
    doc: "Most tokens that are written; left out: the checkpoint's own number.",
    optional: true,
    min: 1,
    max: 4096,
    integer: true,
    advanced: true,
  },
  minTokens: {
    kind: 'number',
    doc: 'The text does not end before it has so many tokens.',
    optional: true,
    min: 0,
    max: 4096,
    integer: true,
    advanced: true,
  },
  stop: {
    kind: 'texts',
    doc: 'The text ends before the first of these, which is not part of it.',
    optional: true,
    maxItems: 16,
    advanced: true,
  },
  seed: {
    kind: 'number',
    doc: 'Of sampling: the same seed draws the same text. Left out: 0.',
    optional: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
    advanced: true,
  },
  topK: {
    kind: 'number',
    doc: `Of sampling: only so many of the likeliest tokens are drawn from, 0: all. Of contrastive search: its candidates. ${left}, else 50, and 5 in contrastive search.`,
    optional: true,
    min: 0,
    integer: true,
    advanced: true,
  },
  topP: {
    kind: 'number',
    doc: `Of sampling: only the likeliest tokens that reach this probability together are drawn from. ${left}, else all.`,
    optional: true,
    min: 0,
    max: 1,
    advanced: true,
  },
  minP: {
    kind: 'number',
    doc: `Of sampling: only tokens at least so probable, compared with the likeliest, are drawn. ${left}, else all.`,
    optional: true,
    min: 0,
    max: 1,
    advanced: true,
  },
  typicalP: {
    kind: 'number',
    doc: `Of sampling: only the most typical tokens that reach this probability together are drawn from. ${left}, else all.`,
    optional: true,
    min: 0,
    max: 1,
    advanced: true,
  },
  repetitionPenalty: {
    kind: 'number',
    doc: `Above 1: tokens that stand there already, in the prompt too, become less likely. ${left}, else 1.`,
    optional: true,
    min: 0.01,
    max: 100,
    advanced: true,
  },
  noRepeatNgram: {
    kind: 'number',
    doc: `No run of so many tokens is written twice; 0: all may be. ${left}.`,
    optional: true,
    min: 0,
    max: 100,
    integer: true,
    advanced: true,
  },
  lengthPenalty: {
    kind: 'number',
    doc: `Of beams: a text's score is its log-probability / (tokens ** this), so that above 0 longer texts gain. ${left}, else 1.`,
    optional: true,
    advanced: true,
  },
  earlyStopping: {
    kind: 'choice',
    options: [BY_CHECKPOINT, 'yes', 'no', 'never'],
    default: BY_CHECKPOINT,
    doc: 'Of beams: stop with as many ended texts as beams (`yes`), when the best beam as it stands could not enter them (`no`), or only when no longer one could either (`never`).',
    advanced: true,
  },
  groups: {
    kind: 'number',
    doc: `Of beams: as many groups avoid each other's tokens, by \`diversity\` (diverse beam search). ${left}, else 1.`,
    optional: true,
    min: 1,
    max: 256,
    integer: true,
    advanced: true,
  },
  diversity: {
    kind: 'number',
    doc: `Of groups of beams: what a token loses for each earlier group that chose it at the same step. ${left}, else 0.`,
    optional: true,
    min: 0,
    advanced: true,
  },
  penaltyAlpha: {
    kind: 'number',
    doc: `Of contrastive search: what a token loses that is like one before it. ${left}, else 0.6.`,
    optional: true,
    min: 0,
    max: 1,
    advanced: true,
  },
} as const satisfies ParamSpecs;

/** For the errors of nodes that have these parameters. */
export const WRITING_ERRORS =
  '`run/bad-parameter` for a parameter that the strategy does not read, or that contradicts another, `native/not-finite` for logits that are no numbers';

type WritingParams = ParamsOf<typeof writingParams>;

/** Progress with all that is written so far: some reports may be dropped, so none tells a piece alone. */
export function whileWriting(
  { signal, progress }: Pick<NodeContext<unknown>, 'signal' | 'progress'>,
  maxTokens: number | undefined,
): TaskOptions {
  let pieces = 0;
  let text = '';
  let draft = '';
  const tell = (): void => {
    pieces += 1;
    // Pieces are tokens at least: the last of them may come early, but never after the total.
    const total = maxTokens === undefined ? undefined : Math.max(maxTokens, pieces);
    progress(pieces, total, draft.startsWith(text) ? draft : text);
  };
  return {
    signal,
    onText(piece) {
      text += piece;
      tell();
    },
    onDraft(whole) {
      draft = whole;
      tell();
    },
  };
}

/** Without what nobody gave, as tasks want it. */
export function writingOf(params: WritingParams): Writing {
  const { maxTokens, ...settings } = params;
  const decoding = decodingOf(settings);
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(Object.keys(decoding).length === 0 ? {} : { decoding }),
  };
}

const EARLY = { [BY_CHECKPOINT]: undefined, yes: true, no: false, never: 'never' } as const;

function decodingOf({ strategy, earlyStopping, ...numbers }: Omit<WritingParams, 'maxTokens'>): DecodingSettings {
  const names = Object.keys(writingParams).filter((name) => name in numbers) as (keyof typeof numbers)[];
  const given = {
    strategy: strategy === BY_CHECKPOINT ? undefined : strategy,
    earlyStopping: EARLY[earlyStopping],
    ...Object.fromEntries(names.map((name) => [name, numbers[name]])),
  };
  return withoutGaps(given);
}
