/** fuse/grouping: patches that join groups, as in GroupViT. */
import { finishBlock } from '../../models/fusion/block-loader.ts';
import { Grouping, grouping } from '../../models/fusion/grouping.ts';
import { reshape } from '../../native/arrange.ts';
import { defineNode } from '../define.ts';
import { BLOCK_ERRORS, blockOf, featuresOf, rowsOfFeatures } from '../fusion-block.ts';
import { blockParams } from '../fusion-settings.ts';

export default defineNode({
  type: 'fuse/grouping',
  version: 1,
  title: 'Grouping',
  summary: 'Every patch joins the group it fits best; groups become the mean of their patches, as in GroupViT.',
  doc: `With q the queries of the groups g, and k, v keys and values of the patches, in one head,

    A = one-hot over the groups of (q k^T / sqrt(width)),   g = g + W (A / (sum over the patches + epsilon)) v

The soft assignment is the softmax of the same scores over the groups, [patches, groups]: chained and laid over the picture it
segments. Weights have GroupViT's names (\`q_proj\`, \`k_proj\`, \`v_proj\`, \`proj\`).

Errors: ${BLOCK_ERRORS}.`,
  paper: {
    title: 'GroupViT: Semantic Segmentation Emerges from Text Supervision',
    url: 'https://arxiv.org/abs/2202.11094',
  },
  params: {
    ...blockParams,
    epsilon: {
      kind: 'number',
      default: 1,
      min: 0,
      max: 1000,
      advanced: true,
      doc: "Added to the number of a group's patches; config.json's `assign_eps`.",
    },
  },
  inputs: {
    groups: { type: { kind: 'Features' }, doc: 'Rows of the groups, [groups, width].' },
    patches: { type: { kind: 'Features' }, doc: 'Rows of the picture, [patches, width].' },
  },
  outputs: {
    groups: { type: { kind: 'Features' }, doc: 'The groups with what they took in.' },
    assignment: { type: { kind: 'Features' }, doc: 'How much each patch is of each group, [patches, groups].' },
  },
  async run({ params, inputs: { groups, patches }, context: { services, signal } }) {
    const { epsilon } = params;
    const block = await blockOf(services, params, ['fuse/grouping', epsilon], ({ weights, precision }) => {
      const spec = grouping(weights, epsilon);
      finishBlock(weights);
      return Grouping.build(spec, { precision });
    });
    using asking = rowsOfFeatures(groups, block.width, 'groups');
    using asked = rowsOfFeatures(patches, block.width, 'patches');
    using groupRows = reshape(asking, [groups.seq, groups.dim]);
    using patchRows = reshape(asked, [patches.seq, patches.dim]);
    const made = await block.run(groupRows, patchRows, signal);
    return { groups: featuresOf(made.groups), assignment: featuresOf(made.soft) };
  },
});
