// The oracle of depthwise convolution: plain loops, sums in double.
#include "kernels/depthwise_f32.h"

namespace weft::kernels {
namespace {

void planes(size_t taps, const float* const* rows, const float* weights, float bias, size_t width,
            float* out) {
  for (size_t i = 0; i < width; ++i) {
    double sum = bias;
    for (size_t t = 0; t < taps; ++t) sum += static_cast<double>(weights[t]) * rows[t][i];
    out[i] = static_cast<float>(sum);
  }
}

void pixels(size_t taps, const float* const* first, const float* const* weights, size_t step,
            size_t pixel_count, size_t channels, const float* bias, float* out) {
  for (size_t p = 0; p < pixel_count; ++p) {
    for (size_t c = 0; c < channels; ++c) {
      double sum = bias == nullptr ? 0.0 : bias[c];
      for (size_t t = 0; t < taps; ++t) sum += static_cast<double>(weights[t][c]) * first[t][p * step + c];
      out[p * channels + c] = static_cast<float>(sum);
    }
  }
}

void pick(const float* in, size_t step, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = in[i * step];
}

}  // namespace

const DepthwiseF32 depthwise_f32_scalar = {&planes, &pixels, &pick};

}  // namespace weft::kernels
