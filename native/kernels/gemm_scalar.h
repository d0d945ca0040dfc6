// Float rows times stored weights, in double: the oracle of the float and bfloat16 products. Included by the
// scalar sources only; everything has internal linkage.
#pragma once

#include <cstddef>
#include <cstring>

#include "kernels/gemm.h"
#include "kernels/gemm_epilogue_scalar.h"

namespace weft::kernels {
namespace {

constexpr size_t kPanelWidth = 16;
constexpr size_t kTileRows = 4;
// At one multiply-add per nanosecond.
constexpr size_t kBlockWork = size_t{1} << 20;

inline size_t packed_row_bytes(size_t row_count, size_t inputs) { return row_count * inputs * sizeof(float); }

inline void pack_rows(const float* rows, size_t stride, size_t row_count, size_t inputs, size_t part,
                      size_t parts, void* packed) {
  for (size_t row = row_count * part / parts; row < row_count * (part + 1) / parts; ++row)
    std::memcpy(static_cast<float*>(packed) + row * inputs, rows + row * stride, inputs * sizeof(float));
}

template <class Weights>
size_t panel_bytes(size_t inputs) {
  return inputs * kPanelWidth * sizeof(typename Weights::Stored);
}

template <class Weights>
void pack_panel(const float* weights, size_t inputs, void* panel, void*) {
  auto* stored = static_cast<typename Weights::Stored*>(panel);
  for (size_t index = 0; index < inputs * kPanelWidth; ++index)
    stored[index] = Weights::store(weights[index]);
}

template <class Weights>
void multiply(const GemmBlock& block) {
  const float* rows = static_cast<const float*>(block.rows);
  for (size_t row = 0; row < block.row_count; ++row) {
    const float* numbers = rows + row * block.inputs;
    for (size_t output = 0; output < block.outputs; ++output) {
      const auto* weights = static_cast<const typename Weights::Stored*>(block.panels) +
                            output / kPanelWidth * block.inputs * kPanelWidth + output % kPanelWidth;
      double sum = 0.0;
      for (size_t input = 0; input < block.inputs; ++input)
        sum += static_cast<double>(numbers[input]) * Weights::load(weights[input * kPanelWidth]);
      block.out[row * block.out_stride + output] = finish_result(block, row, output, sum);
    }
  }
}

template <class Weights>
constexpr Gemm scalar_gemm() {
  return {
      .panel_width = kPanelWidth,
      .tile_rows = kTileRows,
      .block_work = kBlockWork,
      .packed_row_bytes = &packed_row_bytes,
      .pack_rows = &pack_rows,
      .panel_bytes = &panel_bytes<Weights>,
      .panel_scale_bytes = 0,
      .pack_panel = &pack_panel<Weights>,
      .multiply = &multiply<Weights>,
  };
}

}  // namespace
}  // namespace weft::kernels
