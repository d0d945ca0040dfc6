/** decode/prefix: what a language model writes behind rows that stand for a picture. Must not make the rows. */
import { openPrefixWriter } from '../../models/pipelines/prefix-writer.ts';
import { languageModelTypes } from '../../models/pipelines/registry.ts';
import { defineNode } from '../define.ts';
import { blockOf, rowsOfFeatures } from '../fusion-block.ts';
import { blockParams } from '../fusion-settings.ts';
import { MODEL_ERRORS } from '../model-task.ts';
import { WRITING_ERRORS, whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/prefix',
  version: 1,
  title: 'Write behind a prefix',
  summary: 'Lets a language model go on from rows that stand for a picture, as ClipCap, Frozen and MAPL do.',
  doc: `The rows of \`fuse/prefix-mapper\`, then the words of the prompt, then what is written: at most \`maxTokens\` tokens, 67 as ClipCap
has it when left out. \`endsAtPeriod\` ends the text with its first full stop, as ClipCap and MAPL do; Frozen's answers to
\`Question: … Answer:\` end by themselves or by \`maxTokens\`. Progress shows what is written so far, word by word.

The folder's config.json and tokenizer.json are those of the language model; its weights may be alone there, or begin with
\`prefix\` beside a mapper's (\`gpt.\` in checkpoints of ClipCap). docs/models.md has the steps from a published ClipCap to a folder.

Errors: ${WRITING_ERRORS}, ${MODEL_ERRORS}, \`run/bad-input\` for rows of another width than the language model's, \`run/bad-parameter\` for
\`endsAtPeriod\` where the tokenizer has no full stop.`,
  paper: {
    title: 'MAPL: Parameter-Efficient Adaptation of Unimodal Pre-Trained Models for Vision-Language Few-Shot Prompting',
    url: 'https://arxiv.org/abs/2210.07179',
  },
  params: {
    ...blockParams,
    model: { kind: 'model', families: languageModelTypes(), doc: 'A causal language model: GPT-2, OPT, Llama.' },
    prefix: {
      kind: 'text',
      default: '',
      doc: "What the names of the language model's weights begin with, the dot included; empty where they are alone.",
    },
    ...writingParams,
    endsAtPeriod: { kind: 'boolean', default: true, doc: 'The first full stop ends the text, and is part of it.' },
  },
  inputs: {
    prefix: { type: { kind: 'Features' }, doc: "Rows [length, width] of the language model's width." },
    prompt: { type: { kind: 'Text' }, doc: 'Words between the rows and what is written.', optional: true },
  },
  outputs: { caption: { type: { kind: 'Caption' }, doc: 'What was written, without the prompt.' } },
  async run({ params, inputs: { prefix, prompt }, context }) {
    const writer = await blockOf(context.services, params, ['decode/prefix'], openPrefixWriter);
    using rows = rowsOfFeatures(prefix, writer.width, 'prefix');
    const { endsAtPeriod } = params;
    const asked = { prefix: rows, prompt: prompt?.text ?? '', endsAtPeriod, ...writingOf(params) };
    return { caption: await writer.write(asked, whileWriting(context, params.maxTokens)) };
  },
});
