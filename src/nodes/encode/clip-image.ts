/** encode/clip-image: the vision tower of a CLIP-style model. Must not preprocess: tensors come in. */
import type { EmbeddingValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { encodeSettings } from '../encode-settings.ts';
import { inSizeGroups } from '../size-groups.ts';

export default defineNode({
  type: 'encode/clip-image',
  version: 2,
  title: 'CLIP picture encoder',
  summary: 'Embeds preprocessed pictures with the vision tower of a CLIP-style model.',
  doc: `float32 [3, H, W] to the projected embedding float32 [dim], not normalised, in the space of the checkpoint. Pictures that
arrive together are encoded in one batch. The embedding carries the name of its picture and the checkpoint's scale,
exp(logit_scale).

Errors: \`model/missing-file\`, \`model/bad-weights\`, \`model/bad-config\`, \`model/unsupported\`, \`model/bad-onnx\`,
\`model/bad-input\` when the size is not the model's, \`model/run-failed\`.`,
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (CLIP)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  params: { model: { kind: 'model', families: ['clip'], doc: 'A CLIP-style model.' }, ...encodeSettings },
  inputs: {
    pixels: {
      type: { kind: 'Tensor', dtype: 'float32', shape: [3, null, null] },
      doc: 'Preprocessed picture, float32 [3, H, W].',
    },
  },
  outputs: {
    embedding: { type: { kind: 'Embedding', space: { param: 'model' } }, doc: 'float32 [dim], as projected.' },
  },
  async run({ params, inputs: { pixels }, context }) {
    const model = await context.services.clip(params.model, params);
    const [data] = await model.encodeImages([pixels], { signal: context.signal });
    return { embedding: embeddingOf(model, data!, pixels.origin?.name) };
  },
  async runBatch(calls, params, context) {
    const model = await context.services.clip(params.model, params);
    return inSizeGroups(
      calls.map(({ pixels }) => pixels),
      async (group) => {
        const encoded = await model.encodeImages(group, { signal: context.signal });
        return encoded.map((data, index) => ({ embedding: embeddingOf(model, data, group[index]?.origin?.name) }));
      },
    );
  },
});

function embeddingOf(
  { space, logitScale }: { space: string; logitScale: number },
  data: Float32Array,
  name: string | undefined,
): EmbeddingValue {
  return { kind: 'Embedding', space, data, logitScale, ...(name === undefined ? {} : { label: name }) };
}
