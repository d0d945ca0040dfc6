// See ops/interpolation_taps.h. All in float, as PyTorch does it: in double the last bits would differ.
#include "ops/interpolation_taps.h"

#include <algorithm>
#include <cmath>

namespace weft::ops {
namespace {

// PyTorch's area_pixel_compute_scale and _source_index.
struct Axis {
  size_t in;
  bool align_corners;
  float scale;

  Axis(size_t in_size, size_t out_size, bool corners) : in(in_size), align_corners(corners) {
    if (!align_corners) {
      scale = static_cast<float>(in_size) / static_cast<float>(out_size);
    } else {
      scale = out_size > 1 ? static_cast<float>(in_size - 1) / static_cast<float>(out_size - 1) : 0.0f;
    }
  }
  float place(size_t position) const {
    const auto index = static_cast<float>(position);
    return align_corners ? scale * index : scale * (index + 0.5f) - 0.5f;
  }
  size_t clamp(float index) const {
    return static_cast<size_t>(std::clamp(index, 0.0f, static_cast<float>(in - 1)));
  }
};

InterpolationTaps nearest_taps(const Axis& axis, size_t position) {
  const float scaled = std::floor(static_cast<float>(position) * axis.scale);
  return {{std::min(static_cast<size_t>(scaled), axis.in - 1)}, {1.0f}};
}

InterpolationTaps bilinear_taps(const Axis& axis, size_t position) {
  const float place = std::max(0.0f, axis.place(position));
  const size_t first = std::min(static_cast<size_t>(place), axis.in - 1);
  const float weight = std::min(1.0f, std::max(0.0f, place - static_cast<float>(first)));
  return {{first, std::min(first + 1, axis.in - 1)}, {1.0f - weight, weight}};
}

InterpolationTaps bicubic_taps(const Axis& axis, size_t position) {
  constexpr float kA = -0.75f;
  const auto near_weight = [](float x) { return ((kA + 2.0f) * x - (kA + 3.0f)) * x * x + 1.0f; };
  const auto far_weight = [](float x) { return ((kA * x - 5.0f * kA) * x + 8.0f * kA) * x - 4.0f * kA; };
  const float place = axis.place(position);
  const float first = std::floor(place);
  const float t = place - first;
  const float u = 1.0f - t;
  return {{axis.clamp(first - 1.0f), axis.clamp(first), axis.clamp(first + 1.0f), axis.clamp(first + 2.0f)},
          {far_weight(t + 1.0f), near_weight(t), near_weight(u), far_weight(u + 1.0f)}};
}

}  // namespace

std::vector<InterpolationTaps> interpolation_taps(Interpolation interpolation, bool align_corners, size_t in,
                                                  size_t out) {
  const Axis axis(in, out, align_corners && interpolation != Interpolation::nearest);
  std::vector<InterpolationTaps> taps(out);
  for (size_t position = 0; position < out; ++position) {
    taps[position] = interpolation == Interpolation::nearest    ? nearest_taps(axis, position)
                     : interpolation == Interpolation::bilinear ? bilinear_taps(axis, position)
                                                                : bicubic_taps(axis, position);
  }
  return taps;
}

}  // namespace weft::ops
