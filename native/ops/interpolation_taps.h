// Where the positions of a resized axis take their numbers from, as PyTorch computes it.
#pragma once

#include <cstddef>
#include <vector>

#include "ops/resize_planes.h"

namespace weft::ops {

struct InterpolationTaps {
  static constexpr size_t kMost = 4;
  size_t index[kMost];
  float weight[kMost];
};

// How many of them count: 1, 2 or 4.
constexpr size_t tap_count(Interpolation interpolation) {
  return interpolation == Interpolation::nearest ? 1 : interpolation == Interpolation::bilinear ? 2 : 4;
}

// One entry per position of `out` from `in` numbers, both at least 1; indices never fall from one tap or
// position to the next. Throws std::bad_alloc.
std::vector<InterpolationTaps> interpolation_taps(Interpolation interpolation, bool align_corners, size_t in,
                                                  size_t out);

}  // namespace weft::ops
