/**
 * Flamingo's two blocks as open_flamingo stores them: the perceiver resampler, after embeddings of frames and pictures, and
 * a gated cross-attention.
 * Source: Alayrac et al., Flamingo: a Visual Language Model for Few-Shot Learning (2022).
 */

import { refuse, shapeText } from '../../native/argument.ts';
import { add, gatherRows, reshape } from '../../native/arrange.ts';
import { Tensor } from '../../native/tensor.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { type GatedSpec, gatedCrossAttention } from '../fusion/gated-cross-attention.ts';
import { type ResamplerSpec, resampler } from '../fusion/perceiver-resampler.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';

/** Learned rows [most, width] for the frames of a video and for the pictures of a text; checkpoints may lack either. */
export interface MediaPositions {
  readonly frames: Tensor | undefined;
  readonly media: Tensor | undefined;
}

export interface FlamingoSpec {
  readonly resampler: ResamplerSpec;
  readonly positions: MediaPositions;
  readonly gated: GatedSpec;
}

/** PyTorch's own, which open_flamingo leaves alone. */
const EPSILON = 1e-5;

/** Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function flamingo({ config, weights }: Checkpoint): Promise<FlamingoSpec> {
  const visualWidth = config.count('visual_dim', 1024);
  const width = config.count('dim');
  const times = config.count('ff_mult', 4);
  // open_flamingo's; the paper's own text has a squared ReLU.
  const activation = readActivation(config, 'hidden_act', 'gelu');
  const perceiver = weights.below('perceiver.');
  const table = async (name: string, key: string, axes: readonly number[]) => {
    const rows = await perceiver.floats(name, [...axes, visualWidth], { optional: true });
    if (rows === undefined && config.has(key)) config.bad(key, `"perceiver.${name}" beside it, or nothing,`, axes[0]);
    return rows && Tensor.from(rows, [rows.length / visualWidth, visualWidth]);
  };
  const spec: FlamingoSpec = {
    resampler: await resampler(perceiver, {
      name: `${config.model} resampler`,
      width: visualWidth,
      latents: config.count('latents', 64),
      layers: config.count('depth', 6),
      heads: config.count('heads', 8),
      headSize: config.count('head_dim', 64),
      inner: times * visualWidth,
      activation,
      epsilon: EPSILON,
    }),
    positions: {
      frames: await table('frame_embs', 'max_frames', [config.count('max_frames', 1)]),
      media: await table('media_time_embs', 'max_media', [config.count('max_media', 1), 1]),
    },
    gated: gatedCrossAttention(weights.below('gated_cross_attn_layer.'), {
      name: `${config.model} gated cross-attention`,
      width,
      memoryWidth: visualWidth,
      heads: config.count('xattn_heads', 8),
      headSize: config.count('xattn_head_dim', 64),
      inner: times * width,
      activation,
      epsilon: EPSILON,
    }),
  };
  weights.finish();
  return spec;
}

/**
 * Pictures [batch, media, frames, rows, width], each frame and each picture with its learned row added, as one item for
 * each picture: [batch * media, frames * rows, width]. Rejects with `native/bad-argument` for more than were learned.
 */
export async function placeMedia(visual: Tensor, positions: MediaPositions, signal?: AbortSignal): Promise<Tensor> {
  const [batch = 0, media = 0, frames = 0, rows = 0, width = 0] = visual.shape;
  const sides = { media, frames };
  for (const [name, table] of Object.entries(positions) as [keyof MediaPositions, Tensor | undefined][]) {
    if (table !== undefined && sides[name] > table.shape[0]!) {
      refuse('flamingo', 'visual', `at most ${table.shape[0]} ${name}`, shapeText(visual.shape));
    }
  }
  const each = (index: (picture: number, frame: number) => number) =>
    Int32Array.from({ length: media * frames * rows }, (_, row) =>
      index(Math.floor(row / (frames * rows)), Math.floor(row / rows) % frames),
    );
  let placed = reshape(visual, [batch, media * frames * rows, width]);
  for (const [table, chosen] of [
    [positions.frames, each((_, frame) => frame)],
    [positions.media, each((picture) => picture)],
  ] as const) {
    if (table === undefined) continue;
    using before = placed;
    using learned = await gatherRows(table, chosen, [chosen.length], { signal });
    placed = await add(before, learned, { signal });
  }
  using all = placed;
  return reshape(all, [batch * media, frames * rows, width]);
}
