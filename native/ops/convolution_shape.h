// Sizes of a two-dimensional convolution and how its pictures lie in memory. Must not compute anything else.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/status.h"

namespace weft::ops {

// nchw: a channel's pixels are neighbours, as PyTorch has it. nhwc: a pixel's channels are. Convolutions work
// in nhwc inside, because there a pixel is a row of a matrix product (as a token is), a tap of a patch is one
// copy, and the channels fill vectors however small the picture gets. nchw costs one pass over the picture.
enum class ImageLayout : uint8_t { nchw, nhwc };

// One direction of a kernel. Padding counts zeros at either end; `end` may differ from `begin`, as
// TensorFlow's "same" has it.
struct ConvolutionAxis {
  size_t kernel = 1;
  size_t stride = 1;
  size_t dilation = 1;
  size_t begin = 0;
  size_t end = 0;
};

struct ConvolutionShape {
  size_t inputs = 0;   // channels
  size_t outputs = 0;  // channels
  size_t groups = 1;   // divides both
  ConvolutionAxis y, x;

  size_t group_inputs() const { return inputs / groups; }
  size_t group_outputs() const { return outputs / groups; }
  size_t taps() const { return y.kernel * x.kernel; }
};

// The longest side, widest padding and largest count of channels: products of any three fit 64 bits.
constexpr size_t kLongestSide = size_t{1} << 20;
constexpr size_t kLongestKernel = size_t{1} << 10;

// invalid_argument: a zero, a side beyond the limits above, groups that do not divide the channels.
Status check(const ConvolutionShape& shape) noexcept;

// Positions of the kernel along a side of `size` pixels: floor((size + padding - reach) / stride) + 1; 0 when
// the kernel does not fit.
size_t convolution_size(const ConvolutionAxis& axis, size_t size) noexcept;

// Pixels that a transposed convolution gives: (size - 1) * stride + reach - padding + extra; 0 when padding
// eats all. `extra` is PyTorch's output_padding.
size_t transposed_size(const ConvolutionAxis& axis, size_t size, size_t extra) noexcept;

}  // namespace weft::ops
