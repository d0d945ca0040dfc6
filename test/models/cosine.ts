/** Between two vectors, summed in double. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [both, left, right] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    both += value * b[index]!;
    left += value * value;
    right += b[index]! ** 2;
  }
  return both / Math.sqrt(left * right);
}
