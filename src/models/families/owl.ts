/**
 * OWL-ViT and OWLv2: CLIP's towers whose patches are boxes. Every patch has a place, a class embedding that texts or other
 * pictures are compared with, and in OWLv2 a guess whether anything is there. This file reads checkpoints of transformers'
 * OwlViTForObjectDetection and Owlv2ForObjectDetection; owl-detector.ts runs them.
 * Sources: Minderer et al., Simple Open-Vocabulary Object Detection with Vision Transformers (2022); Minderer et al.,
 * Scaling Open-Vocabulary Object Detection (2023).
 */
import type { HeadSpec, StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear, stackedLinear } from '../blocks/linear.ts';
import { readPictureShape } from '../blocks/patches.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import { projection, storedScale } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { CLIP_BUFFERS, CLIP_TEXT, CLIP_VISION, clipText, clipTextPositions, clipVision, firstLargest } from './clip.ts';

export type OwlKind = 'owlvit' | 'owlv2';

const ARCHITECTURES = { owlvit: 'OwlViTForObjectDetection', owlv2: 'Owlv2ForObjectDetection' } as const;
const VISION = {
  owlvit: { ...CLIP_VISION, size: 768, patch: 32 },
  owlv2: { ...CLIP_VISION, size: 768, patch: 16 },
};
const TEXT = { ...CLIP_TEXT, positions: 16 };
const PROJECTION = 512;

/** Most tokens of a text, by the configuration of its tower. */
export function owlTextPositions(config: ConfigReader): number {
  return clipTextPositions(config, TEXT);
}

/** The grid of boxes' biases; older checkpoints hold it, but it follows from the configuration. */
const BUFFERS = [CLIP_BUFFERS, /^box_bias$/];

export interface OwlStacks {
  /** Stream after the last norm; the head projects the class token into the space of the texts. */
  readonly vision: PictureStack;
  /** The head projects the end token. */
  readonly text: TextStack;
  readonly patch: readonly [number, number];
  /** Stacks without layers over the rows of patches: the first one normalises them, the others read its stream. */
  readonly heads: {
    readonly boxes: StackSpec;
    readonly embeds: StackSpec;
    /** Shift of every patch's similarities, and their scale before its ELU. */
    readonly adjust: StackSpec;
    readonly objectness?: StackSpec;
  };
  /** Width of class embeddings and of projected texts. */
  readonly dim: number;
  /** What cosines of whole pictures and texts are multiplied with. */
  readonly scale: number;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function owl({ config, weights }: Checkpoint, kind: OwlKind, architecture?: string): Promise<OwlStacks> {
  readArchitecture(config, [ARCHITECTURES[kind]], architecture);
  const [visionConfig, textConfig] = [config.section('vision_config'), config.section('text_config')];
  const towers = weights.below(`${kind}.`);
  const dim = config.count('projection_dim', PROJECTION);
  const vision = clipVision(
    visionConfig,
    towers,
    projection(towers, 'visual_projection', dim, 'projected'),
    VISION[kind],
  );
  const text = clipText(textConfig, towers, projection(towers, 'text_projection', dim, 'projected'), TEXT);
  if (text.spec.width !== dim) {
    // Class embeddings have the width of the tower of texts and are compared with projected texts.
    config.bad('projection_dim', `${text.spec.width}, the width of the tower of texts,`, dim);
  }
  const scale = await storedScale(towers);
  const { width } = vision.spec;
  const picture = readPictureShape(visionConfig, VISION[kind]);
  const heads = readHeads(config, weights, kind, width, dim);
  weights.finish({ ignore: BUFFERS });
  return {
    vision: normalisedStream(vision),
    text: { ...text, headRow: firstLargest },
    ...{ patch: picture.patch, heads, dim, scale },
  };
}

/** CLIP normalises the class token only; here every patch goes through the same norm. */
function normalisedStream(tower: PictureStack): PictureStack {
  const { norm, ...head } = tower.spec.head!;
  return { ...tower, spec: { ...tower.spec, ...(norm === undefined ? {} : { norm }), head } };
}

function readHeads(
  config: ConfigReader,
  weights: WeightReader,
  kind: OwlKind,
  width: number,
  dim: number,
): OwlStacks['heads'] {
  const epsilon = config.section('vision_config').number('layer_norm_eps', CLIP_VISION.epsilon);
  const stack = (name: string, head: Omit<HeadSpec, 'rows'>): StackSpec => ({
    name: `${config.model} (${name})`,
    width,
    layers: [],
    head: { rows: 'all', ...head },
  });
  const mlp = (name: string, outputs: number): Omit<HeadSpec, 'rows'> => ({
    linear: linear(weights, `${name}.dense0`, { inputs: width, outputs: width }),
    activation: 'gelu',
    more: [
      { linear: linear(weights, `${name}.dense1`, { inputs: width, outputs: width }), activation: 'gelu' },
      { linear: linear(weights, `${name}.dense2`, { inputs: width, outputs }) },
    ],
  });
  return {
    boxes: { ...stack('boxes', mlp('box_head', 4)), norm: layerNorm(weights, 'layer_norm', width, epsilon) },
    embeds: stack('classes', { linear: linear(weights, 'class_head.dense0', { inputs: width, outputs: dim }) }),
    adjust: stack('class scales', {
      linear: stackedLinear(weights, ['class_head.logit_shift', 'class_head.logit_scale'], {
        inputs: width,
        outputs: 1,
      }),
    }),
    ...(kind === 'owlv2' ? { objectness: stack('objectness', mlp('objectness_head', 1)) } : {}),
  };
}
