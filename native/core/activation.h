// The activations that published configurations name. Shared by kernels and operators; plain data.
#pragma once

#include <cstdint>

namespace weft {

enum class Activation : uint8_t {
  none,
  relu,
  gelu,        // x * Phi(x), with erf
  gelu_tanh,   // gelu_new, gelu_pytorch_tanh: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  quick_gelu,  // x * sigmoid(1.702 x)
  silu,        // x * sigmoid(x), also called swish
  tanh,
  sigmoid,
};

}  // namespace weft
