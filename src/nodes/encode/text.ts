/** encode/text: texts into the embedding space of any family that has one. Must not know families. */
import type { FamilyModel } from '../../models/pipelines/family-loader.ts';
import type { EmbeddingValue, TextValue } from '../../protocol/value.ts';
import { batchOrAlone } from '../batch-or-alone.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'encode/text',
  version: 1,
  title: 'Text encoder',
  summary: 'Embeds texts with the text tower of a model.',
  doc: `The text is tokenized by the model's own tokenizer (cut off at its longest length) and becomes an embedding float32 [dim], as
projected, not normalised, in the space of the checkpoint. Texts that arrive together are encoded in one batch. The embedding
carries the text's label, and exp(logit_scale) where the checkpoint has one.

Errors: ${MODEL_ERRORS}.`,
  params: modelParams('text-feature-extraction'),
  inputs: { text: { type: { kind: 'Text' }, doc: 'A sentence or prompt.' } },
  outputs: {
    embedding: { type: { kind: 'Embedding', space: { param: 'model' } }, doc: 'float32 [dim], as projected.' },
  },
  async run({ params, inputs: { text }, context: { services, signal } }) {
    const { perform, model } = await taskOf(services, params, 'text-feature-extraction');
    const [data] = await perform({ texts: [text.text] }, { signal });
    return { embedding: embeddingOf(model, data!, text) };
  },
  async runBatch(calls, params, { services, signal }) {
    const { perform, model } = await taskOf(services, params, 'text-feature-extraction');
    return batchOrAlone(calls, async (group) => {
      const texts = group.map(({ text }) => text);
      const rows = await perform({ texts: texts.map(({ text }) => text) }, { signal });
      return rows.map((data, index) => ({ embedding: embeddingOf(model, data, texts[index]!) }));
    });
  },
});

function embeddingOf({ space, embedding }: FamilyModel, data: Float32Array, text: TextValue): EmbeddingValue {
  const scale = embedding?.logitScale;
  const label = text.label ?? text.text;
  return { kind: 'Embedding', space, data, label, ...(scale === undefined ? {} : { logitScale: scale }) };
}
