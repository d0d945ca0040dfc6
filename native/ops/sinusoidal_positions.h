// Positions as sines and cosines of falling frequencies (Vaswani et al. 2017, section 3.5).
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::ops {

// interleaved: sine of frequency i at 2 i, cosine at 2 i + 1, as the paper has it. halves: all sines, then
// all cosines, frequencies base^(-i / (half - 1)), as fairseq and its descendants (XGLM, Speech2Text) have
// it.
enum class SinusoidOrder : uint8_t { interleaved, halves };

// out: [count, width] for positions first, first + 1, ...; of an odd width the last column is zero in
// `halves` and a sine in `interleaved`. Computed in double.
void sinusoidal_positions(SinusoidOrder order, size_t first, size_t count, size_t width, double base,
                          float* out) noexcept;

}  // namespace weft::ops
