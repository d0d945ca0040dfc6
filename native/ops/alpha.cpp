// The rounding of Pillow's conversions: see ops/alpha.h.
#include "ops/alpha.h"

namespace weft::ops {

void premultiply_alpha(const uint8_t* source, uint8_t* target, size_t pixels, int channels) noexcept {
  const int colours = channels - 1;
  for (size_t pixel = 0; pixel < pixels; ++pixel, source += channels, target += channels) {
    const unsigned alpha = source[colours];
    for (int colour = 0; colour < colours; ++colour) {
      // x / 255 rounded to nearest, exact for products of two bytes.
      const unsigned product = source[colour] * alpha + 128;
      target[colour] = static_cast<uint8_t>((product + (product >> 8)) >> 8);
    }
    target[colours] = static_cast<uint8_t>(alpha);
  }
}

void unpremultiply_alpha(uint8_t* data, size_t pixels, int channels) noexcept {
  const int colours = channels - 1;
  for (size_t pixel = 0; pixel < pixels; ++pixel, data += channels) {
    const unsigned alpha = data[colours];
    if (alpha == 0 || alpha == 255) continue;
    for (int colour = 0; colour < colours; ++colour) {
      // Truncated; a colour above its alpha (an overshoot of the filter) is clipped.
      const unsigned value = 255u * data[colour] / alpha;
      data[colour] = static_cast<uint8_t>(value > 255 ? 255 : value);
    }
  }
}

}  // namespace weft::ops
