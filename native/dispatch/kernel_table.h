// The variants of every kernel in order of preference, and the choice among them.
// Must not fall back silently: a forced name that cannot be had is a status.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/status.h"
#include "kernels/attention_f32.h"
#include "kernels/depthwise_f32.h"
#include "kernels/gemm.h"
#include "kernels/resample_u8.h"
#include "kernels/rows_f32.h"
#include "kernels/throughput_f32.h"
#include "kernels/transpose_f32.h"

namespace weft::dispatch {

struct KernelTable {
  const char* isa;
  const kernels::ResampleU8* resample_u8;
  const kernels::RowsF32* rows_f32;
  const kernels::DepthwiseF32* depthwise_f32;
  const kernels::TransposeF32* transpose_f32;
  const kernels::AttentionF32* attention_f32;
  const kernels::Gemm* gemm_f32;
  const kernels::Gemm* gemm_bf16;
  const kernels::Gemm* gemm_i8;
  const kernels::ThroughputF32* throughput_f32;
};

// The tables this processor can run, best first; the last is always "scalar".
struct AvailableTables {
  static constexpr size_t kMost = 4;
  const KernelTable* tables[kMost];
  size_t count;
};
const AvailableTables& available_tables() noexcept;

// The table named `forced`, or the best one when it is empty.
Status select_table(std::string_view forced, const KernelTable*& table) noexcept;

}  // namespace weft::dispatch
