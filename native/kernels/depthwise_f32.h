// Signatures of depthwise convolution: every channel has its own small kernel, so this is a weighted sum of
// shifted rows and bound by memory. Two layouts: planes (a channel's pixels are neighbours) and pixels (a
// pixel's channels are). Plain data and declarations only.
#pragma once

#include <cstddef>

namespace weft::kernels {

// Numbers that `planes` may read and write after `width`.
constexpr size_t kDepthwisePadding = 128;

// Neighbouring result pixels of one line. Input pixels are given one by one: where the kernel reaches beyond
// the picture stands a pixel of zeros, and borders need no code of their own.
struct DepthwisePixels {
  size_t lines;     // of the kernel
  size_t taps;      // of a line
  size_t stride;    // pixels
  size_t dilation;  // pixels
  size_t channels;
  size_t count;                 // result pixels
  const float* const* pixels;   // [lines][pitch]: the channels of each input pixel
  size_t pitch;                 // at least (count - 1) * stride + (taps - 1) * dilation + 1
  const float* const* weights;  // [lines]: weights of a line's taps, [taps][channels]
  const float* bias;            // [channels] or null
  float* out;                   // [count][channels]
};

struct DepthwiseF32 {
  // out[i] = bias + sum over t of weights[t] * rows[t][i], i below width. Rows may overlap each other, not
  // out.
  void (*planes)(size_t taps, const float* const* rows, const float* weights, float bias, size_t width,
                 float* out);

  // out[p][c] = bias[c] + sum over lines l and taps t of
  //   weights[l][t * channels + c] * pixels[l][p * stride + t * dilation][c].
  void (*pixels)(const DepthwisePixels& block);

  // out[r][i] = in[r * in_stride + i * step], i below count: what `planes` needs of a convolution with a
  // stride.
  void (*pick)(size_t rows, size_t count, const float* in, size_t in_stride, size_t step, float* out,
               size_t out_stride);
};

extern const DepthwiseF32 depthwise_f32_scalar;
extern const DepthwiseF32 depthwise_f32_avx2;
extern const DepthwiseF32 depthwise_f32_avx512;
extern const DepthwiseF32 depthwise_f32_neon;

}  // namespace weft::kernels
