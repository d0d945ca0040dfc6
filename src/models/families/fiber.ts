/**
 * FIBER's fused layers: a picture's rows in Swin blocks and a text's in RoBERTa layers, each reading what came into the
 * other. Windows and relative positions are the backbone's own and stand outside.
 * Source: Dou et al., Coarse-to-Fine Vision-Language Pre-training with Fusion in the Backbone (FIBER, 2022).
 */
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import { type FusedSideShape, type FusedSideSpec, fusedImageSide, fusedTextSide } from '../fusion/backbone-gate.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';

export interface FiberLayerSpec {
  readonly image: FusedSideSpec;
  readonly text: FusedSideSpec;
}

/** Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function fiber({ config, weights }: Checkpoint): Promise<FiberLayerSpec[]> {
  const image = readSide(config, 'image', 'text');
  const text = readSide(config, 'text', 'image');
  const layers = await Promise.all(
    Array.from({ length: config.count('layers', 6) }, async (_, layer) => ({
      image: await fusedImageSide(weights.below(`image.${layer}.`), { ...image, name: `${image.name} ${layer}` }),
      text: await fusedTextSide(weights.below(`text.${layer}.`), { ...text, name: `${text.name} ${layer}` }),
    })),
  );
  weights.finish();
  return layers;
}

function readSide(config: ConfigReader, side: 'image' | 'text', other: 'image' | 'text'): FusedSideShape {
  const width = config.count(`${side}_dim`);
  return {
    name: `${config.model} ${side}`,
    width,
    otherWidth: config.count(`${other}_dim`),
    heads: readHeads(config, `${side}_heads`, 12, width),
    inner: config.count(`${side}_ff`, 4 * width),
    activation: readActivation(config, 'hidden_act', 'gelu'),
    epsilon: config.number(`${side}_eps`, 1e-5),
  };
}
