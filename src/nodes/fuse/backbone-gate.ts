/** fuse/backbone-gate: a layer of FIBER, picture and text reading each other inside their own backbones. */
import { FusedSide, fusedImageSide, fusedTextSide } from '../../models/fusion/backbone-gate.ts';
import { finishBlock, sidesOf } from '../../models/fusion/block-loader.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/backbone-gate',
  version: 1,
  title: 'Fusion in the backbone',
  summary: 'Unimodal layers of picture and text that read each other through a learned number, as in FIBER.',
  doc: `With x the rows of a side and y those of the other, both as they come in,

    s = SelfAttention(x),   c = CrossAttention(s, y),   x = x + s + alpha c,   x = x + FFN(x)

The picture's side has the norms of a Swin block without windows, the text's those of RoBERTa. Switched off, c is left out and
both are plain unimodal layers: a dual encoder. Weights have FIBER's names (\`attn.qkv_i2t\`, \`crossattention_t2i.self.query\`);
sizes are those of the weights.

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'Coarse-to-Fine Vision-Language Pre-training with Fusion in the Backbone (FIBER)',
    url: 'https://arxiv.org/abs/2206.07643',
  },
  params: {
    model: blockParams.model,
    imagePrefix: { kind: 'text', default: '', doc: "What the names of the picture's layer begin with: `image.0.`" },
    textPrefix: { kind: 'text', default: '', doc: "What the names of the text's layer begin with: `text.0.`" },
    precision: blockParams.precision,
    imageHeads: attentionParams.heads,
    textHeads: attentionParams.heads,
    fused: { kind: 'boolean', default: true, doc: 'Read the other side; off, both stay unimodal.' },
    activation: attentionParams.activation,
    imageEpsilon: attentionParams.epsilon,
    textEpsilon: attentionParams.epsilon,
  },
  inputs: {
    image: { type: { kind: 'Features' }, doc: 'Rows of the picture.' },
    text: { type: { kind: 'Features' }, doc: 'Rows of the text.' },
  },
  outputs: {
    image: { type: { kind: 'Features' }, doc: "The picture's rows after the layer." },
    text: { type: { kind: 'Features' }, doc: "The text's rows after the layer." },
  },
  async run({ params, inputs: { image, text }, context: { services, signal } }) {
    const { model, precision: bits, imagePrefix, textPrefix, imageHeads, textHeads, activation } = params;
    const { fused, imageEpsilon, textEpsilon } = params;
    const sizes = [imageHeads, textHeads, activation, imageEpsilon, textEpsilon];
    const form = ['fuse/backbone-gate', imagePrefix, textPrefix, ...sizes];
    const place = { model, precision: bits, prefix: '' };
    const built = await blockOf(services, place, form, async ({ name, weights, precision }) => {
      const [ofImage, ofText] = [weights.below(imagePrefix), weights.below(textPrefix)];
      const [imageWidth = 0] = sidesOf(ofImage, 'norm1.weight', 1);
      const [textWidth = 0] = sidesOf(ofText, 'output.LayerNorm.weight', 1);
      const imageSide = await fusedImageSide(ofImage, {
        ...{ name: `${name} ${imagePrefix}`, width: imageWidth, otherWidth: textWidth, activation },
        heads: checkHeads(imageHeads, imageWidth, 'imageHeads'),
        inner: sidesOf(ofImage, 'mlp.fc1.weight', 2)[0]!,
        epsilon: imageEpsilon,
      });
      const textSide = await fusedTextSide(ofText, {
        ...{ name: `${name} ${textPrefix}`, width: textWidth, otherWidth: imageWidth, activation },
        heads: checkHeads(textHeads, textWidth, 'textHeads'),
        inner: sidesOf(ofText, 'intermediate.dense.weight', 2)[0]!,
        epsilon: textEpsilon,
      });
      finishBlock(weights);
      const sides = { image: await FusedSide.build(imageSide, { precision }) };
      return { ...sides, text: await FusedSide.build(textSide, { precision }), imageWidth, textWidth };
    });
    using picture = rowsOfFeatures(image, built.imageWidth, 'image');
    using words = rowsOfFeatures(text, built.textWidth, 'text');
    const [seen, said] = [{ rows: picture }, { rows: words }];
    const ofImage = await built.image.run(seen, fused ? said : undefined, signal);
    const ofText = await built.text.run(said, fused ? seen : undefined, signal);
    ofImage.crossed?.release();
    ofText.crossed?.release();
    return { image: featuresOf(ofImage.rows), text: featuresOf(ofText.rows) };
  },
});
