// See ops/position_grid.h.
#include "ops/position_grid.h"

#include <cmath>

namespace weft::ops {
namespace {

struct Taps {
  size_t index[4];
  float weight[4];
};

// torch computes the coefficients in float: kept, or the last bits differ.
float near_weight(float x, float a) { return ((a + 2.0f) * x - (a + 3.0f)) * x * x + 1.0f; }
float far_weight(float x, float a) { return ((a * x - 5.0f * a) * x + 8.0f * a) * x - 4.0f * a; }

Taps taps_at(size_t position, size_t in, size_t out) {
  constexpr float kSharpness = -0.75f;
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  const float centre = scale * (static_cast<float>(position) + 0.5f) - 0.5f;
  const float floor = std::floor(centre);
  const float t = centre - floor;
  const float weights[4] = {far_weight(t + 1.0f, kSharpness), near_weight(t, kSharpness),
                            near_weight(1.0f - t, kSharpness), far_weight(2.0f - t, kSharpness)};
  Taps taps;
  for (int tap = 0; tap < 4; ++tap) {
    const auto place = static_cast<ptrdiff_t>(floor) - 1 + tap;
    const ptrdiff_t last = static_cast<ptrdiff_t>(in) - 1;
    taps.index[tap] = static_cast<size_t>(place < 0 ? 0 : place > last ? last : place);
    taps.weight[tap] = weights[tap];
  }
  return taps;
}

}  // namespace

void resize_position_grid(Team& team, const float* in, size_t in_height, size_t in_width, size_t channels,
                          float* out, size_t out_height, size_t out_width) noexcept {
  team.parallel(out_height, [&](size_t y) {
    const Taps rows = taps_at(y, in_height, out_height);
    for (size_t x = 0; x < out_width; ++x) {
      const Taps columns = taps_at(x, in_width, out_width);
      float* target = out + (y * out_width + x) * channels;
      for (size_t channel = 0; channel < channels; ++channel) {
        float sum = 0.0f;
        for (int row = 0; row < 4; ++row) {
          float line = 0.0f;
          for (int column = 0; column < 4; ++column) {
            line += columns.weight[column] *
                    in[(rows.index[row] * in_width + columns.index[column]) * channels + channel];
          }
          sum += rows.weight[row] * line;
        }
        target[channel] = sum;
      }
    }
  });
}

}  // namespace weft::ops
