/** 16-bit floats as 32-bit ones. Pure. Source: IEEE 754 binary16; bfloat16 is the upper half of a binary32. */

/** One binary16, given as its bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  // Exponent 0 marks the small numbers without the implied leading 1.
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** One bfloat16, given as its bits. */
export function bfloatToFloat(bits: number): number {
  word[0] = bits << 16;
  return float[0]!;
}
