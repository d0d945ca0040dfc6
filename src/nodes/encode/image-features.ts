/** encode/image-features: a row for each patch of a picture, from the vision tower of any family. Must not know families. */
import { defineNode } from '../define.ts';
import { featureParams, featuresFrom, MODEL_ERRORS } from '../model-features.ts';

export default defineNode({
  type: 'encode/image-features',
  version: 1,
  title: 'Picture features',
  summary: 'The last rows of a vision tower, one for each patch: what fusion blocks take.',
  doc: `The picture is prepared as the model's own preprocessor_config.json says. Its features are the rows after the tower's last layer
and its norm, [class tokens + patches, width], before pooling and projection.

Errors: ${MODEL_ERRORS}.`,
  params: featureParams('picture'),
  inputs: { image: { type: { kind: 'Image' }, doc: 'The picture.' } },
  outputs: { features: { type: { kind: 'Features' }, doc: 'float32 [rows, width].' } },
  async run({ params, inputs: { image }, context: { services, signal } }) {
    const see = await featuresFrom(services, params, 'image');
    return { features: await see(image, { signal }) };
  },
});
