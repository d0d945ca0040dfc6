// Where the positions of a resized axis take their numbers from, as PyTorch computes it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::ops {

enum class Interpolation : uint8_t {
  nearest,   // floor(position * in / out)
  bilinear,  // two taps
  bicubic,   // four taps, Keys' kernel (1981) with a = -0.75
};

struct InterpolationTaps {
  static constexpr size_t kMost = 4;
  size_t index[kMost];
  float weight[kMost];
};

// How many of them count: 1, 2 or 4.
constexpr size_t tap_count(Interpolation interpolation) {
  return interpolation == Interpolation::nearest ? 1 : interpolation == Interpolation::bilinear ? 2 : 4;
}

struct InterpolationAxis {
  Interpolation interpolation = Interpolation::bilinear;
  // true: the corners' centres stay where they are; false: the edges do. nearest ignores it.
  bool align_corners = false;
  size_t in = 1;   // numbers, at least 1
  size_t out = 1;  // positions, at least 1

  // Taps beyond the border repeat it. Indices never fall from one tap or position to the next.
  InterpolationTaps taps(size_t position) const noexcept;
};

}  // namespace weft::ops
