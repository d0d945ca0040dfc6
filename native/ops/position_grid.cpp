// See ops/position_grid.h.
#include "ops/position_grid.h"

namespace weft::ops {

void resize_position_grid(Team& team, Interpolation interpolation, const float* in, size_t in_height,
                          size_t in_width, size_t channels, float* out, size_t out_height,
                          size_t out_width) noexcept {
  const size_t count = tap_count(interpolation);
  const InterpolationAxis down = {interpolation, false, in_height, out_height};
  const InterpolationAxis across = {interpolation, false, in_width, out_width};
  team.parallel(out_height, [&](size_t y) {
    const InterpolationTaps rows = down.taps(y);
    for (size_t x = 0; x < out_width; ++x) {
      const InterpolationTaps columns = across.taps(x);
      float* target = out + (y * out_width + x) * channels;
      for (size_t channel = 0; channel < channels; ++channel) {
        float sum = 0.0f;
        for (size_t row = 0; row < count; ++row) {
          float line = 0.0f;
          for (size_t column = 0; column < count; ++column) {
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
