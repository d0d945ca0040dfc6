/** head/text-likelihood: how likely a language model holds each of some texts after a prompt. Must not know families. */
import { WeftError } from '../../errors.ts';
import { languageSteps } from '../../models/decoding/language-steps.ts';
import { likeliestText } from '../../models/pipelines/likeliest-text.ts';
import { askedTexts, namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams } from '../model-task.ts';

export default defineNode({
  type: 'head/text-likelihood',
  version: 1,
  title: 'Likelihood of texts',
  summary: 'How likely a language model would go on with each text of a closed list.',
  doc: `Each text is scored as what follows the prompt and a space: the sum of the log-probabilities of its tokens, and of the model's end
token unless \`ends\` is off. Scores are the softmax over the texts, best first, and add up to 1. The prompt, and what all texts begin
with, are read once; the rest of the texts are branches of one past.

Errors: \`run/bad-input\` when no text comes; ${MODEL_ERRORS}.`,
  paper: {
    title: 'Do As I Can, Not As I Say: Grounding Language in Robotic Affordances (SayCan), section 3',
    url: 'https://arxiv.org/abs/2204.01691',
  },
  params: {
    ...modelParams('text-generation'),
    ends: { kind: 'boolean', doc: 'Whether a text must end where it ends.', default: true },
  },
  inputs: {
    prompt: {
      type: { kind: 'Text' },
      doc: 'What stands before the texts: an instruction, or the beginning of a sentence.',
    },
    texts: { type: { kind: 'Text' }, doc: 'The closed list.', whole: true },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each text among them, best first.' } },
  async run({ params, inputs: { prompt, texts }, context: { services, signal } }) {
    const { prompts, labelOf } = askedTexts(texts, 'texts');
    const { language, architecture } = await services.family(params.model, { precision: params.precision });
    if (language === undefined) {
      const expected = 'a causal language model';
      throw new WeftError('model/unsupported', { model: params.model, expected, received: architecture });
    }
    const { model, tokenizer, endIds, startId } = language;
    const encode = (text: string) => tokenizer.encode(text, { maxLength: model.positions, truncate: false }).ids;
    const asked = prompt.text === '' && startId !== undefined ? [startId] : encode(prompt.text);
    const end = params.ends ? endIds.slice(0, 1) : [];
    const whole = prompts.map((text) => {
      const joined = prompt.text === '' ? [...asked, ...encode(text)] : encode(`${prompt.text} ${text}`);
      return [...joined, ...end];
    });
    // Where a tokenizer joins the prompt's last letters with a text's first, those are part of every text.
    const shared = asked.findIndex((id, place) => whole.some((ids) => ids[place] !== id));
    const first = shared < 0 ? asked.length : shared;
    const scores = await likeliestText({
      steps: languageSteps(model, { batch: 1 }),
      prompt: asked.slice(0, first),
      texts: whole.map((ids) => ids.slice(first)),
      names: prompts,
      subject: prompt.label ?? prompt.text,
      signal,
    });
    return { scores: namedScores(scores, { labelOf }) };
  },
});
