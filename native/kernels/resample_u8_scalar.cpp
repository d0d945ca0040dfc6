// The oracle: plain loops, compiled without vectorisation, on every platform.
#include "kernels/resample_u8.h"

namespace weft::kernels {
namespace {

constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

uint8_t clip(int32_t sum) {
  const int32_t value = sum >> kPrecisionBits;
  if (value < 0) return 0;
  return static_cast<uint8_t>(value > 255 ? 255 : value);
}

void horizontal(const AxisTaps& axis, int channels, const uint8_t* const* rows, uint8_t* const* out,
                int row_count) {
  for (int row = 0; row < row_count; ++row) {
    for (int32_t x = 0; x < axis.count; ++x) {
      const int32_t* weights = axis.weights + static_cast<int64_t>(x) * axis.stride;
      const uint8_t* source = rows[row] + static_cast<int64_t>(axis.first[x]) * channels;
      uint8_t* target = out[row] + static_cast<int64_t>(x) * channels;
      for (int channel = 0; channel < channels; ++channel) {
        int32_t sum = kHalf;
        for (int32_t tap = 0; tap < axis.taps[x]; ++tap)
          sum += weights[tap] * source[tap * channels + channel];
        target[channel] = clip(sum);
      }
    }
  }
}

void vertical(const AxisTaps& axis, int position, const uint8_t* const* rows, uint8_t* out, int bytes) {
  const int32_t* weights = axis.weights + static_cast<int64_t>(position) * axis.stride;
  for (int index = 0; index < bytes; ++index) {
    int32_t sum = kHalf;
    for (int32_t tap = 0; tap < axis.taps[position]; ++tap) sum += weights[tap] * rows[tap][index];
    out[index] = clip(sum);
  }
}

}  // namespace

const ResampleU8 resample_u8_scalar = {&horizontal, &vertical};

}  // namespace weft::kernels
