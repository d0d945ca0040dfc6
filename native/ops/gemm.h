// Matrix product of float rows with packed weights, with everything that follows it fused into the store.
#pragma once

#include <cstddef>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "kernels/gemm_epilogue.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

using Epilogue = kernels::GemmEpilogue;

// out[r][o] = epilogue(sum over i of a[r][i] * weights[o][i]), strides in floats.
// a: [rows, inputs], finite or not (NaN and infinity travel as in IEEE arithmetic; int8: an infinite or NaN
// row gives NaN). out: [rows, outputs]; must not overlap a. rows may be 0. Checks team.is_cancelled() before
// every tile and then leaves `out` undefined. out_of_memory when there is no scratch memory.
Status gemm(Team& team, const dispatch::KernelTable& table, size_t rows, const float* a, size_t a_stride,
            const PackedMatrix& weights, const Epilogue& epilogue, float* out, size_t out_stride) noexcept;

}  // namespace weft::ops
