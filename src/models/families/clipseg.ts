/**
 * CLIPSeg: CLIP's towers and a small decoder that marks, patch by patch, what a text or another picture means. This file
 * reads checkpoints of transformers' CLIPSegForImageSegmentation; clipseg-segmenter.ts runs them.
 * Source: Lüddecke and Ecker, Image Segmentation Using Text and Image Prompts (2022).
 */
import type { ConvolutionSpec } from '../../native/convolution-spec.ts';
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { linear } from '../blocks/linear.ts';
import { readPictureShape } from '../blocks/patches.ts';
import { readHeads, transformerLayer } from '../blocks/transformer-layer.ts';
import { type FilmSpec, film } from '../fusion/film.ts';
import { type Checkpoint, readArchitecture } from '../towers/checkpoint.ts';
import { projection, storedScale } from '../towers/dual-encoder.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { TextStack } from '../towers/text-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { CLIP_BUFFERS, CLIP_LAYER, CLIP_VISION, clipText, clipVision, towerConfig } from './clip.ts';

const PROJECTION = 512;
const EXTRACTED = [3, 6, 9];

export interface ClipsegStacks {
  /** Positions follow pictures of any size. The head projects the class token. */
  readonly vision: PictureStack;
  readonly text: TextStack;
  readonly decoder: ClipsegDecoderSpec;
  /** Width of conditions: projected texts and pictures. */
  readonly dim: number;
  readonly patch: readonly [number, number];
  /** What cosines of whole pictures and texts are multiplied with. */
  readonly scale: number;
}

export interface ClipsegDecoderSpec {
  /** Width of its rows. */
  readonly width: number;
  /** In the order they run, deepest hidden state of the tower first. */
  readonly steps: readonly {
    /** Which hidden state of the tower is read; 0 is the input of its first layer. */
    readonly state: number;
    readonly reduce: LinearSpec;
    readonly layer: StackSpec;
  }[];
  /** The step whose rows the condition scales and shifts. */
  readonly conditional: number;
  readonly film: FilmSpec;
  /** From rows of patches to pixels, one after the other. */
  readonly pixels: readonly ConvolutionSpec[];
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function clipseg({ config, weights }: Checkpoint, architecture?: string): Promise<ClipsegStacks> {
  readArchitecture(config, ['CLIPSegForImageSegmentation'], architecture);
  const towers = weights.below('clip.');
  const dim = config.count('projection_dim', PROJECTION);
  const visionConfig = towerConfig(config, 'vision');
  const vision = clipVision(visionConfig, towers, projection(towers, 'visual_projection', dim, 'projected'));
  const text = clipText(towerConfig(config, 'text'), towers, projection(towers, 'text_projection', dim, 'projected'));
  const scale = await storedScale(towers);
  const { patch } = readPictureShape(visionConfig, CLIP_VISION);
  const decoder = readDecoder(config, visionConfig, weights.below('decoder.'), vision.spec, dim, patch);
  weights.finish({ ignore: [CLIP_BUFFERS] });
  return { vision: { ...vision, anySize: true }, text, decoder, dim, patch, scale };
}

function readDecoder(
  config: ConfigReader,
  visionConfig: ConfigReader,
  weights: WeightReader,
  vision: StackSpec,
  dim: number,
  patch: readonly [number, number],
): ClipsegDecoderSpec {
  const width = config.count('reduce_dim', 64);
  const shape = {
    width,
    heads: readHeads(config, 'decoder_num_attention_heads', 4, width),
    inner: config.count('decoder_intermediate_size', 2048),
    // transformers reads no other: `decoder_hidden_act` stands in its configurations without effect.
    activation: 'relu' as const,
    epsilon: visionConfig.number('layer_norm_eps', CLIP_VISION.epsilon),
  };
  const extracted = config.has('extract_layers') ? config.ids('extract_layers') : EXTRACTED;
  if (extracted.length === 0 || extracted.some((layer) => layer >= vision.layers.length)) {
    config.bad('extract_layers', `layers from 0 to ${vision.layers.length - 1}`, extracted);
  }
  return {
    width,
    steps: [...extracted].reverse().map((layer, step) => ({
      state: layer + 1,
      reduce: linear(weights, `reduces.${step}`, { inputs: vision.width, outputs: width }),
      layer: {
        name: `${config.model} (decoder ${step})`,
        width,
        layers: [transformerLayer(weights.below(`layers.${step}.`), CLIP_LAYER, shape, { norms: 'after' })],
      },
    })),
    conditional: config.id('conditional_layer', 0),
    film: film(weights, { inputs: dim, outputs: width }),
    pixels: config.flag('use_complex_transposed_convolution', false)
      ? refinedPixels(config, weights, width, patch)
      : [transposed(weights, 'transposed_convolution', [width, 1], patch)],
  };
}

/** A convolution over patches, then two steps to pixels, each by a quarter of the patch, as for patches of 16. */
function refinedPixels(
  config: ConfigReader,
  weights: WeightReader,
  width: number,
  patch: readonly [number, number],
): ConvolutionSpec[] {
  const step = [Math.floor(patch[0] / 4), Math.floor(patch[1] / 4)] as const;
  const half = Math.floor(width / 2);
  if (step.includes(0) || half === 0) config.bad('reduce_dim', 'at least 2, and patches of at least 4 pixels,', width);
  const name = (index: number) => `transposed_convolution.${index}`;
  return [
    {
      weight: weights.take(`${name(0)}.weight`, [width, width, 3, 3]),
      bias: weights.take(`${name(0)}.bias`, [width]),
      padding: 1,
      activation: 'relu',
    },
    { ...transposed(weights, name(2), [width, half], step), activation: 'relu' },
    transposed(weights, name(4), [half, 1], step),
  ];
}

/** Every row becomes a rectangle of its own. */
function transposed(
  weights: WeightReader,
  name: string,
  [inputs, outputs]: readonly [number, number],
  size: readonly [number, number],
): ConvolutionSpec {
  return {
    weight: weights.take(`${name}.weight`, [inputs, outputs, ...size]),
    bias: weights.take(`${name}.bias`, [outputs]),
    stride: size,
    transposed: true,
  };
}
