/** source/texts: labels or sentences, put into prompt templates. Must not touch files. */
import { createHash } from 'node:crypto';
import { WeftError } from '../../errors.ts';
import { defineNode } from '../define.ts';

const PLACE = '{}';

export default defineNode({
  type: 'source/texts',
  version: 1,
  title: 'Texts',
  summary: 'Labels or sentences, each put into every prompt template.',
  doc: `Emits a list of texts: for each of \`texts\`, in order, one per template, with \`{}\` replaced by it.
Each keeps the original as its \`label\`, so that a head can group the prompts of one label (prompt ensembling).

Errors: \`run/bad-parameter\` for an empty text or a template without \`{}\`.`,
  params: {
    texts: { kind: 'texts', doc: 'The labels or sentences.', minItems: 1, maxItems: 100_000 },
    templates: {
      kind: 'texts',
      doc: 'Sentences with {} where the text goes: "a photo of a {}".',
      default: [PLACE],
      minItems: 1,
      maxItems: 1000,
    },
  },
  inputs: {},
  outputs: { text: { type: { kind: 'Text' }, doc: 'One filled template; its label is the text that was filled in.' } },
  emitsList: true,
  async *emit({ params: { texts, templates } }) {
    for (const template of templates) {
      if (!template.includes(PLACE)) {
        throw new WeftError('run/bad-parameter', {
          expected: 'a place {} in every template',
          param: 'templates',
          received: `"${template}"`,
        });
      }
    }
    // Before the first one is given: a head would score the texts before it as if they were all.
    const empty = texts.find((label) => label.trim() === '');
    if (empty !== undefined) {
      throw new WeftError('run/bad-parameter', { expected: 'no empty text', param: 'texts', received: `"${empty}"` });
    }
    for (const label of texts) {
      for (const template of templates) {
        const text = template.replaceAll(PLACE, () => label);
        yield {
          key: text,
          fingerprint: createHash('sha256')
            .update(JSON.stringify([text, label]))
            .digest('hex'),
          outputs: async () => ({ text: { kind: 'Text', text, label } as const }),
        };
      }
    }
  },
});
