/** GroupViT as a family with tasks: labels of a picture, its embeddings, and which of its pixels are what. */
import { reshape } from '../../native/arrange.ts';
import { softmax } from '../../native/rows.ts';
import { Tensor } from '../../native/tensor.ts';
import { groupvit } from '../families/groupvit.ts';
import { GroupvitModel, type GroupvitSight, releaseGroupvitSight } from '../families/groupvit-model.ts';
import type { PictureEncoder } from '../towers/dual-encoder.ts';
import { DUAL_ENCODER_TASKS, loadedDualEncoder, PHOTO_TEMPLATE } from './dual-encoder.ts';
import { encodeTexts } from './encode-texts.ts';
import type { FamilyDefinition, FamilySources } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { masksOfLargest, seenRegion } from './picture-masks.ts';
import { placeIn } from './picture-place.ts';
import type { TaskSignatures } from './task.ts';
import { textFeatures } from './tower-features.ts';

export const groupvitFamily: FamilyDefinition = {
  name: 'groupvit',
  title: 'GroupViT',
  paper: {
    title: 'GroupViT: Semantic Segmentation Emerges from Text Supervision (2022)',
    url: 'https://arxiv.org/abs/2202.11094',
  },
  modelTypes: ['groupvit'],
  architectures: { GroupViTModel: ['zero-shot-image-segmentation', ...DUAL_ENCODER_TASKS] },
  checkpoints: ['nvidia/groupvit-gcc-yfcc', 'nvidia/groupvit-gcc-redcaps'],
  graph: 'groupvit-segmentation',
  async load(sources) {
    const { checkpoint, architecture, precision, signal } = sources;
    const model = await GroupvitModel.build(await groupvit(checkpoint, architecture), { precision, signal });
    // One object holds both towers: the texts' part counts nothing and lets go of nothing.
    const { positions } = model.text;
    const texts = {
      ...{ positions, bytes: 0, release() {} },
      embed: model.embedTexts.bind(model),
    };
    const form = { fill: 'longest', masked: false, template: PHOTO_TEMPLATE } as const;
    const similarity = { scale: model.scale };
    const encoder = await loadedDualEncoder(sources, {
      pictures: pictureEncoder(model),
      texts,
      dim: model.dim,
      similarity,
      form,
    });
    return {
      ...encoder,
      features: textFeatures(model.text, await sources.tokenizer()),
      tasks: { ...encoder.tasks, 'zero-shot-image-segmentation': await segmentation(sources, model) },
    };
  },
};

function pictureEncoder(model: GroupvitModel): PictureEncoder {
  return {
    bytes: model.bytes,
    async embed(pictures, { signal } = {}) {
      const sight = await model.see(pictures, { signal });
      try {
        return await model.embedPictures(sight, { signal });
      } finally {
        releaseGroupvitSight(sight);
      }
    },
    release: () => model.release(),
  };
}

/** What the paper's pixels must reach on PASCAL VOC to be no background. */
const THRESHOLD = 0.95;

/**
 * Labels compete for every group, by a softmax, and a group belongs to the most probable one. A pixel belongs to the group
 * that it is assigned to most; groups whose label has less than the threshold are background, but for the surest group. A
 * label's score is the probability that its surest group has for it.
 */
async function segmentation(
  { checkpoint, imageProcessor, tokenizer: openTokenizer }: FamilySources,
  model: GroupvitModel,
): Promise<TaskSignatures['zero-shot-image-segmentation']> {
  const [processor, tokenizer] = [await imageProcessor(), await openTokenizer()];
  return async ({ image, labels, threshold = THRESHOLD }, { signal } = {}) => {
    const tokens = encodeTexts(tokenizer, promptsOf(checkpoint.model, labels, PHOTO_TEMPLATE), {
      positions: model.text.positions,
    });
    using texts = await model.embedTexts(tokens, { signal });
    const { pixelValues, shape } = await processor.processBatch([image], { signal });
    const sight = await model.see({ data: pixelValues, shape }, { signal });
    try {
      using similar = await model.compare(sight, texts, { signal });
      using shares = await softmax(similar, { signal });
      const { labelOf, surest } = labelGroups(shares.toFloats(), labels.length, threshold);
      using planes = await assignments(model, sight, signal);
      const place = { region: seenRegion(placeIn(checkpoint.model, processor, image), image), picture: image, signal };
      const data = await masksOfLargest(planes, labels.length, labelOf, place);
      const masks = data.map((mask, index) => ({ label: labels[index]!, score: surest[index]!, data: mask }));
      return { kind: 'Masks', width: image.width, height: image.height, masks };
    } finally {
      releaseGroupvitSight(sight);
    }
  };
}

/** The label of each group, none for the background; and the largest share of each label. `shares` is [groups, labels]. */
export function labelGroups(
  shares: Float32Array,
  labels: number,
  threshold: number,
): { readonly labelOf: readonly (number | undefined)[]; readonly surest: readonly number[] } {
  const groups = Array.from({ length: shares.length / labels }, (_, group) =>
    shares.subarray(group * labels, (group + 1) * labels),
  );
  const best = groups.map((own) => own.reduce((most, share) => Math.max(most, share)));
  const least = Math.min(threshold, Math.max(...best));
  return {
    labelOf: groups.map((own, group) => (best[group]! >= least ? own.indexOf(best[group]!) : undefined)),
    surest: Array.from({ length: labels }, (_, label) => Math.max(...groups.map((own) => own[label]!))),
  };
}

/** [groups, ...grid]: how much of each patch belongs to each of the last groups. */
async function assignments(
  model: GroupvitModel,
  sight: GroupvitSight,
  signal: AbortSignal | undefined,
): Promise<Tensor> {
  const count = sight.groups.shape[1]!;
  const itself = Float32Array.from({ length: count * count }, (_, cell) => (cell % (count + 1) === 0 ? 1 : 0));
  using unit = Tensor.from(itself, [1, count, count]);
  using planes = await model.toPatches(sight, unit, { signal });
  return reshape(planes, planes.shape.slice(1));
}
