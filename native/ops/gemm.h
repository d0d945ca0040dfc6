// Matrix product of float rows with packed weights, with everything that follows it fused into the store.
#pragma once

#include <cstddef>

#include "core/activation.h"
#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

// out = residual + scale * column_scale * multiply * activation(product + bias); what is null or 1 is left
// out.
struct Epilogue {
  const float* bias = nullptr;  // [outputs]
  Activation activation = Activation::none;
  const float* multiply = nullptr;  // [rows, outputs] at multiply_stride: the other branch of a gated FFN
  size_t multiply_stride = 0;
  const float* column_scale = nullptr;  // [outputs]: layer scale
  float scale = 1.0f;                   // a gate, already through its tanh or sigmoid
  const float* residual = nullptr;      // [rows, outputs] at residual_stride; may be `out` itself
  size_t residual_stride = 0;
};

// out[r][o] = epilogue(sum over i of a[r][i] * weights[o][i]), strides in floats.
// a: [rows, inputs], finite or not (NaN and infinity travel as in IEEE arithmetic; int8: an infinite or NaN
// row gives NaN). out: [rows, outputs]; must not overlap a. rows may be 0. Checks team.is_cancelled() before
// every tile and then leaves `out` undefined. out_of_memory when there is no scratch memory.
Status gemm(Team& team, const dispatch::KernelTable& table, size_t rows, const float* a, size_t a_stride,
            const PackedMatrix& weights, const Epilogue& epilogue, float* out, size_t out_stride) noexcept;

}  // namespace weft::ops
