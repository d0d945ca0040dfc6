/** encode/clip-text: the text tower of a CLIP-style model. Must not fill templates: source/texts does. */
import type { EmbeddingValue, TextValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { encodeSettings } from '../encode-settings.ts';
import type { ClipTowers } from '../services.ts';

export default defineNode({
  type: 'encode/clip-text',
  version: 2,
  title: 'CLIP text encoder',
  summary: 'Embeds texts with the text tower of a CLIP-style model.',
  doc: `The text is tokenized by the model's own tokenizer (cut off at its longest length) and becomes the projected embedding
float32 [dim], not normalised, in the space of the checkpoint. Texts that arrive together are encoded in one batch. The embedding
carries the text's label and the checkpoint's scale, exp(logit_scale).

Errors: \`model/missing-file\`, \`model/bad-weights\`, \`model/bad-config\`, \`model/unsupported\`, \`model/bad-onnx\`,
\`model/run-failed\`.`,
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (CLIP)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  params: { model: { kind: 'model', families: ['clip'], doc: 'A CLIP-style model.' }, ...encodeSettings },
  inputs: { text: { type: { kind: 'Text' }, doc: 'A sentence or prompt.' } },
  outputs: {
    embedding: { type: { kind: 'Embedding', space: { param: 'model' } }, doc: 'float32 [dim], as projected.' },
  },
  async run({ params, inputs: { text }, context }) {
    const model = await context.services.clip(params.model, params);
    const [data] = await model.encodeTexts([text.text], { signal: context.signal });
    return { embedding: embeddingOf(model, data!, text) };
  },
  async runBatch(calls, params, context) {
    const model = await context.services.clip(params.model, params);
    const texts = calls.map(({ text }) => text);
    const encoded = await model.encodeTexts(
      texts.map(({ text }) => text),
      { signal: context.signal },
    );
    return encoded.map((data, index) => ({ embedding: embeddingOf(model, data, texts[index]!) }));
  },
});

function embeddingOf({ space, logitScale }: ClipTowers, data: Float32Array, text: TextValue): EmbeddingValue {
  return { kind: 'Embedding', space, data, logitScale, label: text.label ?? text.text };
}
