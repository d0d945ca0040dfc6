// The oracle's epilogue and activations, in double. Included by the scalar sources only; everything has
// internal linkage.
#pragma once

#include <cmath>
#include <cstddef>

#include "core/activation.h"
#include "kernels/gemm.h"

namespace weft::kernels {
namespace {

inline double activate_double(Activation activation, double x) {
  constexpr double kSqrtHalf = 0.70710678118654752440;
  constexpr double kSqrtTwoByPi = 0.79788456080286535588;
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x < 0.0 ? 0.0 : x;
    case Activation::gelu:
      return x * (0.5 * std::erfc(-x * kSqrtHalf));
    case Activation::gelu_tanh:
      // 0.5 (1 + tanh(u)) = 1 / (1 + exp(-2 u)), without the cancellation.
      return x / (1.0 + std::exp(-2.0 * kSqrtTwoByPi * (x + 0.044715 * x * x * x)));
    case Activation::quick_gelu:
      return x / (1.0 + std::exp(-1.702 * x));
    case Activation::silu:
      return x / (1.0 + std::exp(-x));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1.0 / (1.0 + std::exp(-x));
  }
  return x;
}

// The result at `row` and `output` of the block, from its product.
inline float finish_result(const GemmBlock& block, size_t row, size_t output, double product) {
  const GemmEpilogue& epilogue = block.epilogue;
  if (epilogue.bias != nullptr) product += static_cast<double>(epilogue.bias[output]);
  double result = activate_double(epilogue.activation, product);
  if (epilogue.multiply != nullptr)
    result *= static_cast<double>(epilogue.multiply[row * epilogue.multiply_stride + output]);
  if (epilogue.column_scale != nullptr) result *= static_cast<double>(epilogue.column_scale[output]);
  result *= static_cast<double>(epilogue.scale);
  if (epilogue.residual != nullptr)
    result += static_cast<double>(epilogue.residual[row * epilogue.residual_stride + output]);
  return static_cast<float>(result);
}

}  // namespace
}  // namespace weft::kernels
