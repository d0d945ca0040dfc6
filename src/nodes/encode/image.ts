/** encode/image: pictures into the embedding space of any family that has one. Must not know families. */
import type { FamilyModel } from '../../models/pipelines/family-loader.ts';
import type { EmbeddingValue, ImageValue } from '../../protocol/value.ts';
import { batchOrAlone } from '../batch-or-alone.ts';
import { defineNode } from '../define.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';

export default defineNode({
  type: 'encode/image',
  version: 1,
  title: 'Picture encoder',
  summary: 'Embeds pictures with the vision tower of a model.',
  doc: `The picture is prepared as the model's own preprocessor_config.json says and becomes an embedding float32 [dim], as projected,
not normalised, in the space of the checkpoint. Pictures that arrive together are encoded in one batch. The embedding carries the
picture's name, and exp(logit_scale) where the checkpoint has one.

Errors: ${MODEL_ERRORS}.`,
  params: modelParams('image-feature-extraction'),
  inputs: { image: { type: { kind: 'Image' }, doc: 'The picture.' } },
  outputs: {
    embedding: { type: { kind: 'Embedding', space: { param: 'model' } }, doc: 'float32 [dim], as projected.' },
  },
  async run({ params, inputs: { image }, context: { services, signal } }) {
    const { perform, model } = await taskOf(services, params, 'image-feature-extraction');
    const [data] = await perform({ images: [image] }, { signal });
    return { embedding: embeddingOf(model, data!, image) };
  },
  async runBatch(calls, params, { services, signal }) {
    const { perform, model } = await taskOf(services, params, 'image-feature-extraction');
    return batchOrAlone(calls, async (group) => {
      const images = group.map(({ image }) => image);
      const rows = await perform({ images }, { signal });
      return rows.map((data, index) => ({ embedding: embeddingOf(model, data, images[index]!) }));
    });
  },
});

function embeddingOf({ space, embedding }: FamilyModel, data: Float32Array, { name }: ImageValue): EmbeddingValue {
  const scale = embedding?.logitScale;
  return {
    kind: 'Embedding',
    space,
    data,
    ...(scale === undefined ? {} : { logitScale: scale }),
    ...(name === undefined ? {} : { label: name }),
  };
}
