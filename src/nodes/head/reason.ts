/** head/reason: whether a statement holds for a pair of pictures. Must not know families. */
import { WeftError } from '../../errors.ts';
import { namedScores } from '../asked-texts.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import { regionInputs, regionsOf } from '../sight.ts';

export default defineNode({
  type: 'head/reason',
  version: 1,
  title: 'Visual reasoning',
  summary: 'Judges whether a statement holds for a pair of pictures.',
  doc: `The statement is read together with both pictures, or with the regions of both where the model reads those (NLVR2).
Scores are softmax over the model's classes, usually False and True, best first.

Errors: \`run/bad-input\` for one picture alone, or neither pictures nor regions, ${MODEL_ERRORS}.`,
  paper: {
    title: 'A Corpus for Reasoning About Natural Language Grounded in Photographs (NLVR2)',
    url: 'https://arxiv.org/abs/1811.00491',
  },
  params: modelParams('visual-reasoning'),
  inputs: {
    left: { type: { kind: 'Image' }, doc: 'The first picture.', optional: true },
    right: { type: { kind: 'Image' }, doc: 'The second picture.', optional: true },
    ...regionInputs,
    statement: { type: { kind: 'Text' }, doc: 'What may be true of the pair.' },
  },
  outputs: { scores: { type: { kind: 'Scores' }, doc: 'Probability of each class, best first.' } },
  async run({ params, inputs: { left, right, features, boxes, statement }, context: { services, signal } }) {
    const text = statement.text;
    const { perform } = await taskOf(services, params, 'visual-reasoning');
    const subject = statement.label ?? text;
    if (features !== undefined) {
      const scores = await perform({ regions: regionsOf(features, boxes), text }, { signal });
      return { scores: namedScores(scores, { subject }) };
    }
    if (left === undefined || right === undefined) {
      const received = left === undefined && right === undefined ? 'neither' : 'one';
      throw new WeftError('run/bad-input', { expected: 'two pictures, or features', socket: 'right', received });
    }
    return { scores: namedScores(await perform({ images: [left, right], text }, { signal }), { subject }) };
  },
});
