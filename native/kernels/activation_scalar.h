// The oracle's activations, in double. Included by the scalar sources only; everything has internal linkage.
#pragma once

#include <cmath>

#include "core/activation.h"

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

}  // namespace
}  // namespace weft::kernels
