/**
 * VisualGPT's self-resurrecting activation unit: how much of a row comes from the picture and how much from the language
 * model, where small shares are cut to zero so that either side can be switched off. With a the language rows, e those
 * that cross-attention gives, and s a share in [0, 1]:
 *   the paper:  s(a) = sigmoid(a);  out = s 1(s > tau) e + (1 - s) 1(1 - s > tau) a
 *   its code:   s_i = sigmoid(W_i [a; e_i]) for each level i of the encoder;
 *               out = sum of s_i 1(s_i > tau) a + (1 - s_i) 1(s_i < 1 - tau) e_i, divided by sqrt(levels)
 * Source: Chen et al., VisualGPT: Data-efficient Adaptation of Pretrained Language Models for Image Captioning (2021).
 */
import { concat } from '../../native/arrange.ts';
import type { Linear } from '../../native/linear.ts';
import { activate } from '../../native/rows.ts';
import { Tensor } from '../../native/tensor.ts';

export interface Gates {
  readonly visual: Tensor;
  readonly language: Tensor;
}

/** Of the paper, from the language rows alone. Rejects as `activate` does. */
export async function paperGates(language: Tensor, threshold: number, signal?: AbortSignal): Promise<Gates> {
  using shares = await activate(language, 'sigmoid', { signal });
  const open = shares.toFloats();
  // One pass over one text's rows; the engine has no operator that compares.
  const visual = open.map((share) => (share > threshold ? share : 0));
  const rest = open.map((share) => (1 - share > threshold ? 1 - share : 0));
  return { visual: Tensor.from(visual, language.shape), language: Tensor.from(rest, language.shape) };
}

export interface LevelShares {
  /** One for each level, in the shape of the rows. */
  readonly shares: readonly Tensor[];
  readonly output: Tensor;
}

/**
 * Of the code: `crossed` holds what cross-attention gives for each level, `gates` a matrix [2 width, width] for each.
 * Rejects as `Linear.run` does.
 */
export async function mixLevels(
  language: Tensor,
  crossed: readonly Tensor[],
  gates: readonly Linear[],
  threshold: number,
  signal?: AbortSignal,
): Promise<LevelShares> {
  const rows = language.toFloats();
  const sum = new Float32Array(rows.length);
  const shares: Tensor[] = [];
  for (const [level, visual] of crossed.entries()) {
    using both = await concat([language, visual], -1, { signal });
    const share = await gates[level]!.run(both, { activation: 'sigmoid', signal });
    shares.push(share);
    const [open, seen] = [share.toFloats(), visual.toFloats()];
    for (let index = 0; index < sum.length; index += 1) {
      const s = open[index]!;
      sum[index]! += (s > threshold ? s * rows[index]! : 0) + (s < 1 - threshold ? (1 - s) * seen[index]! : 0);
    }
  }
  const scale = 1 / Math.sqrt(crossed.length);
  return {
    shares,
    output: Tensor.from(
      sum.map((value) => value * scale),
      language.shape,
    ),
  };
}
