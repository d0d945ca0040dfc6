// Weights of a convolution as checkpoints order them, brought into the order of patches.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ops/batch_norm.h"
#include "ops/convolution_shape.h"

namespace weft::ops {

struct ConvolutionWeights {
  const float* weight = nullptr;    // the order is the operator's
  const float* bias = nullptr;      // [outputs] or null
  const BatchNorm* norm = nullptr;  // folded in; null: none
};

struct FloatWeights {
  bool is_finite() const noexcept;

  std::vector<float> weight;  // [outputs][group inputs][y][x]
  std::vector<float> bias;    // [outputs]; empty without bias and norm
};

// With the norm folded in. `inputs_first`: stored as [inputs][group outputs][y][x], as transposed
// convolutions are; else [outputs][group inputs][y][x]. Throws std::bad_alloc.
FloatWeights float_weights(const ConvolutionShape& shape, const ConvolutionWeights& stored,
                           bool inputs_first);

// The chosen taps of `outputs` outputs from `weight` on, [outputs][channels][taps], as [outputs][chosen
// taps][channels]: the order of patches. Throws std::bad_alloc.
std::vector<float> patch_order(const float* weight, size_t outputs, size_t channels, size_t taps,
                               std::span<const size_t> chosen);

}  // namespace weft::ops
