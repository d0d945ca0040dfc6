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

/** The bits of the nearest binary16, of two equally near ones the even; beyond its range infinity. NaN stays NaN. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const bits = word[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and more round up to 2^16, which is beyond the range.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Below 2^-14 numbers are multiples of 2^-24.
  if (magnitude < 0x38800000) return sign | roundEven(Math.abs(float[0]!) * 2 ** 24);
  // Drops 13 bits of the fraction; a carry moves on into the exponent, as it should.
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

function roundEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
