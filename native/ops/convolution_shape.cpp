// See ops/convolution_shape.h.
#include "ops/convolution_shape.h"

namespace weft::ops {
namespace {

// Pixels between the first and the last tap, both included.
size_t reach(const ConvolutionAxis& axis) { return (axis.kernel - 1) * axis.dilation + 1; }

bool is_valid(const ConvolutionAxis& axis) {
  const auto within = [](size_t value, size_t least, size_t most) { return value >= least && value <= most; };
  return within(axis.kernel, 1, kLongestKernel) && within(axis.stride, 1, kLongestSide) &&
         within(axis.dilation, 1, kLongestKernel) && axis.begin <= kLongestSide && axis.end <= kLongestSide;
}

}  // namespace

Status check(const ConvolutionShape& shape) noexcept {
  const auto channels = [&](size_t count) {
    return count >= 1 && count <= kLongestSide && count % shape.groups == 0;
  };
  const bool valid = shape.groups >= 1 && channels(shape.inputs) && channels(shape.outputs) &&
                     is_valid(shape.y) && is_valid(shape.x);
  return valid ? Status::ok : Status::invalid_argument;
}

size_t convolution_size(const ConvolutionAxis& axis, size_t size) noexcept {
  const size_t padded = size + axis.begin + axis.end;
  return size == 0 || padded < reach(axis) ? 0 : (padded - reach(axis)) / axis.stride + 1;
}

size_t transposed_size(const ConvolutionAxis& axis, size_t size, size_t extra) noexcept {
  if (size == 0) return 0;
  const size_t full = (size - 1) * axis.stride + reach(axis) + extra;
  const size_t padding = axis.begin + axis.end;
  return full > padding ? full - padding : 0;
}

}  // namespace weft::ops
