/** head/fill-mask: what may stand where a text has a mask. Must not know families. */
import { WeftError } from '../../errors.ts';
import { namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { sightInputs, sightOf } from '../sight.ts';

export default defineNode({
  type: 'head/fill-mask',
  version: 1,
  title: 'Fill a mask',
  summary: 'Words that may stand at the mask of a text, with or without a picture.',
  doc: `The text holds the model's own mask token (\`[MASK]\` of BERT, \`<mask>\` of RoBERTa), once or more; \`mask\` chooses which of them is
answered. Scores are probabilities over the vocabulary, best first. Models that read pictures (ViLT, BridgeTower) take the picture
as well; models of texts alone need none.

Errors: \`run/bad-parameter\` for a mask that the text does not have, ${MODEL_ERRORS}.`,
  paper: {
    title: 'BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding',
    url: 'https://arxiv.org/abs/1810.04805',
  },
  params: {
    ...modelParams('fill-mask'),
    mask: { kind: 'number', doc: 'Which mask of the text, from 1.', default: 1, min: 1, integer: true, advanced: true },
    most: { kind: 'number', doc: 'Words given, the best ones.', default: 5, min: 1, max: 1000, integer: true },
  },
  inputs: { ...sightInputs, text: { type: { kind: 'Text' }, doc: 'A sentence with a mask.' } },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each word, best first.' } },
  async run({ params, inputs: { text, ...seen }, context: { services, signal } }) {
    const sight = seen.image === undefined && seen.features === undefined ? {} : sightOf(seen);
    const { perform } = await taskOf(services, params, 'fill-mask');
    const masks = await perform({ ...sight, text: text.text }, { signal });
    const scores = masks[params.mask - 1];
    if (scores === undefined) {
      const expected = `one of the text's ${masks.length} masks`;
      throw new WeftError('run/bad-parameter', { expected, param: 'mask', received: params.mask });
    }
    const best = { ...scores, entries: scores.entries.slice(0, params.most) };
    return { scores: namedScores(best, { subject: seen.image?.name ?? text.label ?? text.text }) };
  },
});
