// Square transposition in registers: for the vector sources of any kernel.
// It must not include anything but Highway; everything has internal linkage.
#pragma once

#include <cstddef>

#include "hwy/highway.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// rows[i] lane j becomes rows[j] lane i, for as many rows as the vector has lanes. Every pass is a perfect
// shuffle of the rows: interleaving row i with row i + half moves one bit of the row number into the lane
// number.
template <class Tag, class Vector, size_t kLanes>
HWY_INLINE void transpose_vector(Tag tag, Vector (&rows)[kLanes]) {
  static_assert(hn::MaxLanes(Tag()) == kLanes);
  for (size_t pass = 1; pass < kLanes; pass *= 2) {
    Vector shuffled[kLanes];
    for (size_t i = 0; i < kLanes / 2; ++i) {
      shuffled[2 * i] = hn::InterleaveWholeLower(tag, rows[i], rows[i + kLanes / 2]);
      shuffled[2 * i + 1] = hn::InterleaveWholeUpper(tag, rows[i], rows[i + kLanes / 2]);
    }
    for (size_t i = 0; i < kLanes; ++i) rows[i] = shuffled[i];
  }
}

}  // namespace
}  // namespace weft::kernels
