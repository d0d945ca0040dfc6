// How a panel of weights becomes 8-bit numbers: symmetric, one scale per output. Plain code shared by every
// variant, with internal linkage.
//
// A panel is [quad of inputs][panel width][4]: one 32-bit word holds four inputs of one output, as the
// instructions that multiply four pairs of bytes want it. Inputs are padded with zeros to whole quads.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace weft::kernels {
namespace {

// Numbers whose largest is below this count as zeros: 127 / largest must be finite.
constexpr float kLeastLargest = 1e-30f;

template <size_t kWidth>
struct QuantisedScales {
  float scale[kWidth];      // an output's weight is its number times this
  int32_t shifted[kWidth];  // 128 times the sum of an output's numbers: what rows shifted by 128 add
};

// To the nearest whole number, ties to even; |x| below 2^22.
inline int32_t round_to_whole(float x) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: one unit in its last place is 1
  const float shifted = x + kShift;
  return static_cast<int32_t>(shifted - kShift);
}

inline size_t quads_of(size_t inputs) { return (inputs + 3) / 4; }

// weights: [inputs][kWidth], finite.
template <size_t kWidth>
void quantise_panel(const float* weights, size_t inputs, int8_t* panel, QuantisedScales<kWidth>& scales) {
  float factors[kWidth];
  float largest[kWidth] = {};
  for (size_t input = 0; input < inputs; ++input) {
    for (size_t column = 0; column < kWidth; ++column) {
      const float size = std::fabs(weights[input * kWidth + column]);
      largest[column] = size > largest[column] ? size : largest[column];
    }
  }
  for (size_t column = 0; column < kWidth; ++column) {
    const bool counts = largest[column] >= kLeastLargest;
    scales.scale[column] = counts ? largest[column] / 127.0f : 0.0f;
    factors[column] = counts ? 127.0f / largest[column] : 0.0f;
    scales.shifted[column] = 0;
  }
  for (size_t quad = 0; quad < quads_of(inputs); ++quad) {
    for (size_t column = 0; column < kWidth; ++column) {
      for (size_t part = 0; part < 4; ++part) {
        const size_t input = 4 * quad + part;
        const int32_t number =
            input < inputs ? round_to_whole(weights[input * kWidth + column] * factors[column]) : 0;
        panel[(quad * kWidth + column) * 4 + part] = static_cast<int8_t>(number);
        // Wraps around in very deep matrices, as the products do that it is taken from.
        scales.shifted[column] = static_cast<int32_t>(static_cast<uint32_t>(scales.shifted[column]) +
                                                      static_cast<uint32_t>(128 * number));
      }
    }
  }
}

}  // namespace
}  // namespace weft::kernels
