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

void pixels(const DepthwisePixels& block) {
  for (size_t p = 0; p < block.count; ++p) {
    for (size_t c = 0; c < block.channels; ++c) {
      double sum = block.bias == nullptr ? 0.0 : block.bias[c];
      for (size_t line = 0; line < block.lines; ++line) {
        for (size_t tap = 0; tap < block.taps; ++tap) {
          const float* pixel = block.pixels[line * block.pitch + p * block.stride + tap * block.dilation];
          sum += static_cast<double>(block.weights[line][tap * block.channels + c]) * pixel[c];
        }
      }
      block.out[p * block.channels + c] = static_cast<float>(sum);
    }
  }
}

void pick(size_t rows, size_t count, const float* in, size_t in_stride, size_t step, float* out,
          size_t out_stride) {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < count; ++i) out[row * out_stride + i] = in[row * in_stride + i * step];
  }
}

}  // namespace

const DepthwiseF32 depthwise_f32_scalar = {&planes, &pixels, &pick};

}  // namespace weft::kernels
