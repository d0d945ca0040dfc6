// Signatures of depthwise convolution: every channel has its own small kernel, so this is a weighted sum of
// shifted rows and bound by memory. Two layouts: planes (a channel's pixels are neighbours) and pixels (a
// pixel's channels are). Plain data and declarations only.
#pragma once

#include <cstddef>

namespace weft::kernels {

// Numbers that `planes` may read and write after `width`.
constexpr size_t kDepthwisePadding = 128;

struct DepthwiseF32 {
  // out[i] = bias + sum over t of weights[t] * rows[t][i], i below width. Rows may overlap each other, not
  // out.
  void (*planes)(size_t taps, const float* const* rows, const float* weights, float bias, size_t width,
                 float* out);

  // out[p][c] = bias[c] + sum over t of weights[t][c] * first[t][p * step + c], p below pixels, c below
  // channels; out without gaps. bias may be null.
  void (*pixels)(size_t taps, const float* const* first, const float* const* weights, size_t step,
                 size_t pixels, size_t channels, const float* bias, float* out);

  // out[i] = in[i * step], i below count: what `planes` needs of a convolution with a stride.
  void (*pick)(const float* in, size_t step, size_t count, float* out);
};

extern const DepthwiseF32 depthwise_f32_scalar;
extern const DepthwiseF32 depthwise_f32_avx2;
extern const DepthwiseF32 depthwise_f32_avx512;
extern const DepthwiseF32 depthwise_f32_neon;

}  // namespace weft::kernels
