// Which kernels of a table multiply a matrix of some precision.
#pragma once

#include "dispatch/kernel_table.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

// Null when the table has none.
inline const kernels::Gemm* gemm_kernels(const dispatch::KernelTable& table, Precision precision) {
  return precision == Precision::f32 ? table.gemm_f32 : nullptr;
}

}  // namespace weft::ops
