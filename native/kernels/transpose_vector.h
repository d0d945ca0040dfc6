// Square transposition in registers: for the vector sources of any kernel.
// It must not include anything but Highway; everything has internal linkage.
#pragma once

#include <cstddef>

#include "hwy/highway.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// rows[i] lane j becomes rows[j] lane i, for as many rows of floats as the vector has lanes. Squares of 4 are
// transposed inside the 128-bit blocks, then the blocks are: shuffles inside blocks are the cheap ones.
template <class Tag, class Vector, size_t kLanes>
HWY_INLINE void transpose_vector(Tag tag, Vector (&rows)[kLanes]) {
  static_assert(hn::MaxLanes(Tag()) == kLanes && (kLanes == 4 || kLanes == 8 || kLanes == 16));
  for (size_t i = 0; i < kLanes; i += 4) {
    const Vector even_low = hn::InterleaveLower(tag, rows[i], rows[i + 2]);
    const Vector even_high = hn::InterleaveUpper(tag, rows[i], rows[i + 2]);
    const Vector odd_low = hn::InterleaveLower(tag, rows[i + 1], rows[i + 3]);
    const Vector odd_high = hn::InterleaveUpper(tag, rows[i + 1], rows[i + 3]);
    rows[i] = hn::InterleaveLower(tag, even_low, odd_low);
    rows[i + 1] = hn::InterleaveUpper(tag, even_low, odd_low);
    rows[i + 2] = hn::InterleaveLower(tag, even_high, odd_high);
    rows[i + 3] = hn::InterleaveUpper(tag, even_high, odd_high);
  }
  // Block b of rows[4 g + k] now belongs into block g of rows[4 b + k].
  if constexpr (kLanes == 8) {
    for (size_t k = 0; k < 4; ++k) {
      const Vector low = hn::ConcatLowerLower(tag, rows[4 + k], rows[k]);
      rows[4 + k] = hn::ConcatUpperUpper(tag, rows[4 + k], rows[k]);
      rows[k] = low;
    }
  } else if constexpr (kLanes == 16) {
    for (size_t k = 0; k < 4; ++k) {
      const Vector even_low = hn::ConcatLowerLower(tag, rows[8 + k], rows[k]);
      const Vector even_high = hn::ConcatUpperUpper(tag, rows[8 + k], rows[k]);
      const Vector odd_low = hn::ConcatLowerLower(tag, rows[12 + k], rows[4 + k]);
      const Vector odd_high = hn::ConcatUpperUpper(tag, rows[12 + k], rows[4 + k]);
      rows[k] = hn::InterleaveEvenBlocks(tag, even_low, odd_low);
      rows[4 + k] = hn::InterleaveOddBlocks(tag, even_low, odd_low);
      rows[8 + k] = hn::InterleaveEvenBlocks(tag, even_high, odd_high);
      rows[12 + k] = hn::InterleaveOddBlocks(tag, even_high, odd_high);
    }
  }
}

}  // namespace
}  // namespace weft::kernels
