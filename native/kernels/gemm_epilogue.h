// What follows a matrix product, fused into the store of its results. Plain data: included by every variant.
#pragma once

#include <cstddef>

#include "core/activation.h"

namespace weft::kernels {

// out = residual + scale * column_scale * multiply * activation(product + bias); what is null or 1 is left
// out.
struct GemmEpilogue {
  const float* bias = nullptr;  // [outputs]
  Activation activation = Activation::none;
  const float* multiply = nullptr;  // [rows, outputs] at multiply_stride: the other branch of a gated FFN
  size_t multiply_stride = 0;
  const float* column_scale = nullptr;  // [outputs]: layer scale
  float scale = 1.0f;                   // a gate, already through its tanh or sigmoid
  const float* residual = nullptr;      // [rows, outputs] at residual_stride; may be `out` itself
  size_t residual_stride = 0;
};

}  // namespace weft::kernels
