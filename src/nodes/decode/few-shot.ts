/** decode/few-shot: what a model writes about a picture after it was shown how. Must not know families. */
import { WeftError } from '../../errors.ts';
import { FEW_SHOT_FORMS, fewShotPrompt } from '../../models/pipelines/few-shot-prompt.ts';
import type { TextValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { whileWriting, writingOf, writingParams } from '../writing.ts';

export default defineNode({
  type: 'decode/few-shot',
  version: 1,
  title: 'Few-shot prompting',
  summary: 'Shows a model pictures with their texts, then lets it write about another picture.',
  doc: `In-context learning: the examples' pictures and texts, in order, then the picture whose text is wanted, as one prompt.
Nothing is trained. The form is the one that the model knows:

    open-flamingo:     <image>Output:TEXT<|endofchunk|>                  or  <image>Question:QUESTION Short answer:TEXT<|endofchunk|>
    idefics:           User:<image>QUESTION\\nAssistant: TEXT\\n
    idefics-instruct:  User:<image>QUESTION<end_of_utterance>\\nAssistant: TEXT<end_of_utterance>\\n

Without questions, Idefics is asked to \`Describe this image.\` What is written ends where the next example would begin. Examples
may be few or none: Flamingo's papers take 0 to 32. Progress shows what is written so far, word by word.

Errors: \`run/bad-input\` for another number of texts or questions than pictures, and for questions without one about the picture
itself, ${MODEL_ERRORS}.`,
  paper: {
    title: 'Flamingo: a Visual Language Model for Few-Shot Learning',
    url: 'https://arxiv.org/abs/2204.14198',
  },
  params: {
    ...modelParams('image-text-to-text'),
    form: { kind: 'choice', options: FEW_SHOT_FORMS, default: 'idefics', doc: 'How the prompt is written.' },
    ...writingParams,
  },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture whose text is wanted.' },
    question: { type: { kind: 'Text' }, doc: 'What is asked about it.', optional: true },
    examples: { type: { kind: 'Image' }, doc: "The examples' pictures, in order.", whole: true },
    texts: { type: { kind: 'Text' }, doc: 'What is to be written about each of them.', whole: true },
    questions: { type: { kind: 'Text' }, doc: 'What is asked about each of them.', whole: true, optional: true },
  },
  outputs: { caption: { type: { kind: 'Caption' }, doc: 'What was written about the picture.' } },
  async run({ params, inputs: { image, question, examples, texts, questions }, context }) {
    checkCount('texts', texts, examples.length);
    if (questions !== undefined) checkCount('questions', questions, examples.length);
    if ((question === undefined) !== (questions === undefined) && examples.length > 0) {
      const expected = 'a question about the picture and one about each example, or none at all,';
      const received = question === undefined ? 'those of the examples' : 'the one about the picture';
      throw new WeftError('run/bad-input', { expected, socket: 'question, questions', received });
    }
    const { perform } = await taskOf(context.services, params, 'image-text-to-text');
    const shown = texts.map(({ text }, index) => ({ text, question: questions?.[index]?.text }));
    const { prompt, stop } = fewShotPrompt(params.form, shown, question?.text);
    const { decoding, ...length } = writingOf(params);
    const stops = { ...decoding, stop: [...stop, ...(decoding?.stop ?? [])] };
    const asked = { images: [...examples, image], prompt, decoding: stops, ...length };
    return { caption: await perform(asked, whileWriting(context, params.maxTokens)) };
  },
});

function checkCount(socket: string, values: readonly TextValue[], count: number): void {
  if (values.length === count) return;
  const expected = `${count} texts, one for each example,`;
  throw new WeftError('run/bad-input', { expected, socket, received: `${values.length}` });
}
