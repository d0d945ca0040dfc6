// The oracle's epilogue, in double. Included by the scalar sources only; everything has
// internal linkage.
#pragma once

#include <cstddef>

#include "kernels/activation_scalar.h"
#include "kernels/gemm.h"

namespace weft::kernels {
namespace {

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
