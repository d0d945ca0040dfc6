// Sums of cells, divided by a multiplication with the reciprocal in 2^-24: Pillow's rounding,
// single-precision reciprocal included.
#include "ops/box_reduce.h"

#include <algorithm>
#include <cstddef>

namespace weft::ops {
namespace {

// 2^24 / count, as Pillow computes it: 2^32 over 256 x count in single precision.
uint32_t reciprocal(uint32_t count) {
  const float quotient = 4294967296.0f / static_cast<float>(256u * count);
  return static_cast<uint32_t>(quotient);
}

uint8_t mean(const ImageView& source, const Rectangle& cell, int channel) {
  const auto count = static_cast<uint32_t>(cell.width) * static_cast<uint32_t>(cell.height);
  uint32_t sum = count / 2;
  for (int y = cell.top; y < cell.top + cell.height; ++y) {
    const uint8_t* pixel = source.row(y) + static_cast<ptrdiff_t>(cell.left) * source.channels + channel;
    for (int x = 0; x < cell.width; ++x, pixel += source.channels) sum += *pixel;
  }
  return static_cast<uint8_t>((sum * reciprocal(count)) >> 24);
}

}  // namespace

ImageView box_reduce(const ImageView& source, const Rectangle& box, int factor_x, int factor_y,
                     std::vector<uint8_t>& target) {
  ImageView result;
  result.width = (box.width + factor_x - 1) / factor_x;
  result.height = (box.height + factor_y - 1) / factor_y;
  result.channels = source.channels;
  target.resize(result.bytes());
  result.data = target.data();
  uint8_t* out = target.data();
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      Rectangle cell;
      cell.left = box.left + x * factor_x;
      cell.top = box.top + y * factor_y;
      cell.width = std::min(factor_x, box.left + box.width - cell.left);
      cell.height = std::min(factor_y, box.top + box.height - cell.top);
      for (int channel = 0; channel < source.channels; ++channel) *out++ = mean(source, cell, channel);
    }
  }
  return result;
}

}  // namespace weft::ops
