/** free/magic: a caption from two models that were never trained together. Must not know families. */
import { WeftError } from '../../errors.ts';
import { type MagicOutcome, type MagicRequest, magicCaption } from '../../models/free/magic-caption.ts';
import { MAGIC_PRESETS, type MagicPreset, type MagicPresetName } from '../../models/free/magic-rule.ts';
import { modelTypesFor } from '../../models/pipelines/registry.ts';
import { type DecodingStep, decodingTable } from '../../protocol/decoding-trace.ts';
import type { ParamsOf } from '../../protocol/param.ts';
import type { TableValue, Value } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { measures } from '../measures.ts';
import { modelParams } from '../model-task.ts';
import { whileWriting } from '../writing.ts';

const { precision } = modelParams('text-generation');

const params = {
  language: {
    kind: 'model',
    families: modelTypesFor('text-generation'),
    doc: 'A causal language model: it writes. Adapted to captions it does far better than a general one.',
  },
  comparison: {
    kind: 'model',
    families: modelTypesFor('text-feature-extraction'),
    doc: 'A model that compares pictures with texts: it leads.',
  },
  preset: {
    kind: 'choice',
    options: Object.keys(MAGIC_PRESETS),
    default: 'coco',
    doc: "The authors' numbers for a task: coco (k 45, alpha 0.1, beta 2, 16 tokens), flickr30k (25, 0.1, 2, 20), stories (5, 0.6, 0.15, 100, five sentences).",
  },
  k: {
    kind: 'number',
    optional: true,
    min: 1,
    max: 1000,
    integer: true,
    advanced: true,
    doc: "Candidates of each step; left out: the preset's.",
  },
  alpha: {
    kind: 'number',
    optional: true,
    min: 0,
    max: 1,
    step: 0.05,
    advanced: true,
    doc: "What it costs to be like what was written before; left out: the preset's.",
  },
  beta: {
    kind: 'number',
    optional: true,
    min: 0,
    max: 100,
    step: 0.05,
    advanced: true,
    doc: "What it gains to fit the picture, 0 is contrastive search; left out: the preset's.",
  },
  maxTokens: {
    kind: 'number',
    optional: true,
    min: 2,
    max: 4096,
    integer: true,
    advanced: true,
    doc: "Most tokens, those of the start and the title included, as in the paper; left out: the preset's.",
  },
  start: {
    kind: 'text',
    optional: true,
    maxLength: 1000,
    advanced: true,
    doc: "What the language model begins with, no part of the caption: a token by its text, or any text; left out: `<-start_of_text->` where its vocabulary has it, else the model's own start token.",
  },
  mode: {
    kind: 'choice',
    options: ['fast', 'reference'],
    default: 'fast',
    advanced: true,
    doc: 'reference computes everything as the published program does and goes on after the end; the caption is the same.',
  },
  precision,
} as const;

export default defineNode({
  type: 'free/magic',
  version: 1,
  title: 'MaGiC caption',
  summary: 'Captions a picture without training: a language model writes, a model like CLIP leads it.',
  doc: `At each step the k likeliest next tokens v are weighed,

    (1 - alpha) p(v) - alpha max cos(h_v, h_j) + beta softmax(scale * cos(picture, text with v)),

p over the whole vocabulary, h the language model's last hidden states (j: every token before, the start's too), the softmax over the
k candidates with the checkpoint's own scale; the best one is taken, until the end token or \`maxTokens\`. The compared text is the
last 60 tokens of the caption, cut where the comparing model reads no more (77 tokens of CLIP). A title goes before the text, with an end
token behind it, as the story models were trained.

Candidates that can no longer win, whatever their cosine, are not read by the language model: their penalty is empty in the trace and
their score is the most it could have been. Text towers whose tokens see later ones (SigLIP, BERT) encode every text whole, which
\`facts\` tells. Progress shows the caption so far and the newest step of the trace; a run that is cancelled leaves it marked with an ellipsis.

Errors: \`model/missing-file\`, \`model/bad-weights\`, \`model/unsupported\` for models of other kinds, \`model/bad-config\` for a language model
without a start, \`model/bad-input\` for a k beyond its vocabulary or a start that leaves no room, \`native/not-finite\`,
\`native/out-of-memory\`.`,
  paper: {
    title: 'Language Models Can See: Plugging Visual Controls in Text Generation (2022)',
    url: 'https://arxiv.org/abs/2205.02655',
  },
  params,
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture.' },
    title: { type: { kind: 'Text' }, doc: 'What a story is about; goes before `start`.', optional: true },
  },
  outputs: {
    caption: { type: { kind: 'Caption' }, doc: 'What was written.' },
    trace: {
      type: { kind: 'Table' },
      doc: 'Why: a row for each candidate of each step, with text, probability, penalty, magic, score and whether it was chosen.',
    },
    facts: {
      type: { kind: 'Table' },
      doc: 'Tokens, candidates, how many of them the language model read, whether texts were encoded whole (1) or only what is new (0).',
    },
  },
  async run({ params: given, inputs: { image, title }, context }) {
    const { services, signal, progress } = context;
    const language = await services.family(given.language, given);
    const comparison = await services.family(given.comparison, given);
    const request = { ...requestOf(given), image, ...(title === undefined ? {} : { title: title.text }) };
    let latest: Readonly<Record<string, Value>> | undefined;
    const reports = whileWriting(
      { signal, progress: (done, total, note) => progress(done, total, note, latest) },
      request.maxTokens,
    );
    const onStep = (step: DecodingStep, at: number) => {
      latest = { trace: decodingTable({ steps: [...Array.from({ length: at }, () => NOTHING), step] }) };
    };
    const outcome = await magicCaption({ language, comparison }, request, { ...reports, onStep });
    if (outcome.ended === 'cancelled') {
      progress(request.maxTokens, request.maxTokens, `${outcome.text} …`);
      throw new WeftError('run/cancelled', { reason: signal.aborted ? '' : ` after "${outcome.text}"` });
    }
    return {
      caption: { kind: 'Caption', text: outcome.text },
      trace: decodingTable(outcome.trace),
      facts: factsOf(outcome),
    };
  },
});

/** Steps that were told before. */
const NOTHING: DecodingStep = { candidates: [] };

function requestOf(given: ParamsOf<typeof params>): Omit<MagicRequest, 'image' | 'title'> {
  const preset: MagicPreset = MAGIC_PRESETS[given.preset as MagicPresetName];
  return {
    k: given.k ?? preset.k,
    alpha: given.alpha ?? preset.alpha,
    beta: given.beta ?? preset.beta,
    maxTokens: given.maxTokens ?? preset.maxTokens,
    sentences: preset.sentences,
    start: given.start,
    mode: given.mode as MagicRequest['mode'] & string,
  };
}

function factsOf({ trace, candidates, compared, isReencoded }: MagicOutcome): TableValue {
  return measures({
    tokens: trace.steps.length,
    candidates,
    'read by the language model': compared,
    'texts encoded whole': Number(isReencoded),
  });
}
