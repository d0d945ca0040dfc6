// A batch norm that follows a convolution is a scale and a shift per output channel: folded into its weights
// once, it costs nothing.
#pragma once

#include <cstddef>

namespace weft::ops {

// Running statistics, one number per output channel (Ioffe and Szegedy 2015).
struct BatchNorm {
  const float* mean = nullptr;
  const float* variance = nullptr;
  const float* weight = nullptr;  // null: ones
  const float* bias = nullptr;    // null: zeros
  double epsilon = 1e-5;
};

// weights: [outputs, count] in place, bias: [outputs] in place, zeros where the convolution has none. In
// double: weight' = weight * g, bias' = (bias - mean) * g + norm.bias, g = norm.weight / sqrt(variance +
// epsilon).
void fold_batch_norm(const BatchNorm& norm, size_t outputs, size_t count, float* weights,
                     float* bias) noexcept;

}  // namespace weft::ops
