// The activations in double, by the formulas of core/activation.h: what every kernel is compared with.
#pragma once

#include <cmath>

#include "core/activation.h"

namespace weft::tests {

constexpr Activation kActivations[] = {Activation::none,      Activation::relu,       Activation::gelu,
                                       Activation::gelu_tanh, Activation::quick_gelu, Activation::silu,
                                       Activation::tanh,      Activation::sigmoid};
constexpr const char* kActivationNames[] = {"none",       "relu", "gelu", "gelu_tanh",
                                            "quick_gelu", "silu", "tanh", "sigmoid"};

inline double activation_oracle(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x < 0.0 ? 0.0 : x;
    case Activation::gelu:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    case Activation::gelu_tanh:
      // (1 + tanh(u)) / 2 is the logistic function of 2 u: no digits cancel for negative u.
      return x / (1.0 + std::exp(-2.0 * std::sqrt(2.0 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
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

}  // namespace weft::tests
