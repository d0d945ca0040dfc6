// A packed matrix with its bias: the layer torch.nn.Linear and Conv1D store.
#pragma once

#include <memory>
#include <vector>

#include "ops/gemm.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

struct Linear {
  std::shared_ptr<const PackedMatrix> weights;
  std::vector<float> bias;  // [outputs], or empty

  explicit operator bool() const noexcept { return weights != nullptr; }
  size_t outputs() const noexcept { return weights->outputs(); }
  size_t inputs() const noexcept { return weights->inputs(); }

  // `rest` with this layer's bias.
  Epilogue epilogue(Epilogue rest = {}) const noexcept {
    rest.bias = bias.empty() ? nullptr : bias.data();
    return rest;
  }
};

}  // namespace weft::ops
