// See ops/sinusoidal_positions.h.
#include "ops/sinusoidal_positions.h"

#include <algorithm>
#include <cmath>

namespace weft::ops {
namespace {

void interleaved_row(double position, size_t width, double base, float* out) {
  for (size_t i = 0; i < width; ++i) {
    const double exponent = static_cast<double>(i / 2 * 2) / static_cast<double>(width);
    const double angle = position * std::pow(base, -exponent);
    out[i] = static_cast<float>(i % 2 == 0 ? std::sin(angle) : std::cos(angle));
  }
}

void halves_row(double position, size_t width, double base, float* out) {
  const size_t half = width / 2;
  const double last = static_cast<double>(std::max<size_t>(half, 2) - 1);
  for (size_t i = 0; i < half; ++i) {
    const double angle = position * std::pow(base, -static_cast<double>(i) / last);
    out[i] = static_cast<float>(std::sin(angle));
    out[half + i] = static_cast<float>(std::cos(angle));
  }
  if (width % 2 == 1) out[width - 1] = 0;
}

}  // namespace

void sinusoidal_positions(SinusoidOrder order, size_t first, size_t count, size_t width, double base,
                          float* out) noexcept {
  for (size_t row = 0; row < count; ++row) {
    const auto position = static_cast<double>(first + row);
    if (order == SinusoidOrder::interleaved) {
      interleaved_row(position, width, base, out + row * width);
    } else {
      halves_row(position, width, base, out + row * width);
    }
  }
}

}  // namespace weft::ops
