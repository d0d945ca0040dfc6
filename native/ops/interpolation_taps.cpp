// See ops/interpolation_taps.h. All in float, as PyTorch does it: in double the last bits would differ.
#include "ops/interpolation_taps.h"

#include <algorithm>
#include <cmath>

namespace weft::ops {
namespace {

// PyTorch's area_pixel_compute_scale and area_pixel_compute_source_index.
float scale_of(const InterpolationAxis& axis) {
  if (!axis.align_corners) return static_cast<float>(axis.in) / static_cast<float>(axis.out);
  return axis.out > 1 ? static_cast<float>(axis.in - 1) / static_cast<float>(axis.out - 1) : 0.0f;
}

float place_of(const InterpolationAxis& axis, size_t position) {
  const auto index = static_cast<float>(position);
  return axis.align_corners ? scale_of(axis) * index : scale_of(axis) * (index + 0.5f) - 0.5f;
}

InterpolationTaps nearest_taps(const InterpolationAxis& axis, size_t position) {
  const float scale = static_cast<float>(axis.in) / static_cast<float>(axis.out);
  const float scaled = std::floor(static_cast<float>(position) * scale);
  return {{std::min(static_cast<size_t>(scaled), axis.in - 1)}, {1.0f}};
}

InterpolationTaps bilinear_taps(const InterpolationAxis& axis, size_t position) {
  const float place = std::max(0.0f, place_of(axis, position));
  const size_t first = std::min(static_cast<size_t>(place), axis.in - 1);
  const float weight = std::min(1.0f, place - static_cast<float>(first));
  return {{first, std::min(first + 1, axis.in - 1)}, {1.0f - weight, weight}};
}

InterpolationTaps bicubic_taps(const InterpolationAxis& axis, size_t position) {
  constexpr float kA = -0.75f;
  const auto near_weight = [](float x) { return ((kA + 2.0f) * x - (kA + 3.0f)) * x * x + 1.0f; };
  const auto far_weight = [](float x) { return ((kA * x - 5.0f * kA) * x + 8.0f * kA) * x - 4.0f * kA; };
  const float place = place_of(axis, position);
  const float first = std::floor(place);
  const float t = place - first;
  const float u = 1.0f - t;
  InterpolationTaps taps = {{}, {far_weight(t + 1.0f), near_weight(t), near_weight(u), far_weight(u + 1.0f)}};
  for (size_t tap = 0; tap < InterpolationTaps::kMost; ++tap) {
    const float index = first + static_cast<float>(tap) - 1.0f;
    taps.index[tap] = static_cast<size_t>(std::clamp(index, 0.0f, static_cast<float>(axis.in - 1)));
  }
  return taps;
}

}  // namespace

InterpolationTaps InterpolationAxis::taps(size_t position) const noexcept {
  switch (interpolation) {
    case Interpolation::nearest:
      return nearest_taps(*this, position);
    case Interpolation::bilinear:
      return bilinear_taps(*this, position);
    default:
      return bicubic_taps(*this, position);
  }
}

}  // namespace weft::ops
