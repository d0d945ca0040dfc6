// 16-bit floats as 32-bit ones, one at a time. Source: IEEE 754 binary16; bfloat16 is the upper half of a
// binary32. Kernels have their own, wider ones: an inline function here may be compiled for the baseline
// only.
#pragma once

#include <bit>
#include <cstdint>

namespace weft {

inline float half_to_float(uint16_t bits) noexcept {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1f;
  const uint32_t fraction = bits & 0x3ff;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  // Exponent 0 marks the small numbers without the implied leading 1: fraction * 2^-24, exactly.
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
}

inline float bfloat_to_float(uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

}  // namespace weft
