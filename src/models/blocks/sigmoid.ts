/** The logistic function of a single number; whole tensors go through `activate`. */
export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** Its inverse: -infinity of 0, infinity of 1. */
export function logit(share: number): number {
  return Math.log(share / (1 - share));
}
