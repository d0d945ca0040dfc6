/**
 * The mask of prefix language models: rows of the prefix see the whole prefix, the others see it and what stands before
 * them; nobody sees padding.
 *   allowed[i, j] = valid[j] and (j < prefix end or j <= i)
 * Sources: Raffel et al., Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer (2019);
 * Wang et al., SimVLM: Simple Visual Language Model Pretraining with Weak Supervision (2021).
 */

/**
 * [batch, length, length], 1 where row i sees row j.
 * @param valid [batch, length], row-major: 1 is there, 0 is padding
 * @param prefixEnds rows of each item that belong to the prefix
 */
export function prefixMask(valid: readonly number[], prefixEnds: readonly number[]): Uint8Array {
  const length = valid.length / prefixEnds.length;
  const mask = new Uint8Array(prefixEnds.length * length * length);
  for (const [item, end] of prefixEnds.entries()) {
    for (let row = 0; row < length; row += 1) {
      const start = (item * length + row) * length;
      const seen = Math.max(end, row + 1);
      for (let key = 0; key < seen && key < length; key += 1) mask[start + key] = valid[item * length + key]!;
    }
  }
  return mask;
}

/** What is added to attention's scores: 0 where a row sees another, -infinity where not. */
export function maskBias(mask: Uint8Array): Float32Array {
  return Float32Array.from(mask, (seen) => (seen === 0 ? Number.NEGATIVE_INFINITY : 0));
}
