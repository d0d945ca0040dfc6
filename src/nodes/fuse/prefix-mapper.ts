/** fuse/prefix-mapper: what a vision tower gives as rows before a language model's words. */
import { WeftError } from '../../errors.ts';
import { finishBlock } from '../../models/fusion/block-loader.ts';
import { MAPPERS, measuredMapper } from '../../models/fusion/measured-mapper.ts';
import { PrefixMapper } from '../../models/fusion/prefix-mapper.ts';
import { reshape } from '../../native/arrange.ts';
import type { EmbeddingValue, FeaturesValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, checkHeads, featuresOf, rowOfEmbedding, rowsOfFeatures } from '../fusion-block.ts';
import { attentionParams, blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/prefix-mapper',
  version: 1,
  title: 'Prefix mapper',
  summary: 'Makes rows that stand before the words of a language model out of what a vision tower sees.',
  doc: `With v the embedding of a picture, or its rows for MAPL,

    frozen:               rows = W v                                 (Frozen)
    clipcap-mlp:          rows = W2 tanh(W1 v)                       (ClipCap)
    clipcap-transformer:  rows = last of T([W v; constants])         (ClipCap)
    mapl:                 rows = W2 (last of T([W1 v; constants]))   (MAPL)

where T is a transformer that reads learned constants beside the picture. Weights have the names of the published mappers
(\`model.0\`, \`prefix_const\`, \`const\`); Frozen's matrix is PREFIX\`weight\`. Sizes are those of the weights.

Errors: ${BLOCK_ERRORS}; \`run/bad-parameter\` for a length that the matrix cannot have.`,
  paper: { title: 'ClipCap: CLIP Prefix for Image Captioning', url: 'https://arxiv.org/abs/2111.09734' },
  params: {
    ...blockParams,
    mapper: { kind: 'choice', options: MAPPERS, default: 'clipcap-mlp', doc: 'Which of the published mappers it is.' },
    length: {
      kind: 'number',
      default: 10,
      min: 1,
      max: 10_000,
      integer: true,
      doc: 'Rows of the prefix, for frozen and clipcap-mlp; the others have as many as constants.',
    },
    heads: attentionParams.heads,
  },
  inputs: {
    embedding: {
      type: { kind: 'Embedding' },
      doc: 'Of a picture, as projected; for all mappers but mapl.',
      optional: true,
    },
    rows: {
      type: { kind: 'Features' },
      doc: 'Rows of a picture, for mapl; a single row does for the others.',
      optional: true,
    },
  },
  outputs: { prefix: { type: { kind: 'Features' }, doc: "Rows [length, width] of the language model's width." } },
  async run({ params, inputs, context: { services, signal } }) {
    const { mapper: kind, length, heads } = params;
    const mapper = await blockOf(services, params, ['fuse/prefix-mapper', kind, length, heads], async (sources) => {
      const { name, weights, precision } = sources;
      const spec = await measuredMapper(weights, { name, kind, length, heads });
      if (spec.reader !== undefined) checkHeads(heads, spec.reader.stack.width);
      finishBlock(weights);
      return PrefixMapper.build(spec, { precision });
    });
    using visual = visualOf(inputs, mapper);
    return { prefix: featuresOf(await mapper.run(visual, signal)) };
  },
});

interface Visual {
  readonly embedding: EmbeddingValue | undefined;
  readonly rows: FeaturesValue | undefined;
}

function visualOf({ embedding, rows }: Visual, { inputs, readsRows }: PrefixMapper) {
  if ((embedding === undefined) === (rows === undefined)) {
    const received = embedding === undefined ? 'neither' : 'both';
    throw new WeftError('run/bad-input', { expected: 'an embedding or rows', socket: 'embedding, rows', received });
  }
  if (rows !== undefined) {
    using given = rowsOfFeatures(rows, inputs, 'rows', readsRows ? undefined : 1);
    return reshape(given, readsRows ? given.shape : [1, inputs]);
  }
  using row = rowOfEmbedding(embedding!, inputs, 'embedding');
  return reshape(row, readsRows ? [1, 1, inputs] : [1, inputs]);
}
