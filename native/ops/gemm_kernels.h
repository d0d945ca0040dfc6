// Which kernels of a table multiply a matrix of some precision.
#pragma once

#include "dispatch/kernel_table.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

inline const kernels::Gemm& gemm_kernels(const dispatch::KernelTable& table, Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return *table.gemm_bf16;
    case Precision::int8:
      return *table.gemm_i8;
    default:
      return *table.gemm_f32;
  }
}

}  // namespace weft::ops
