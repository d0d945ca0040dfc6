// The oracle: float weights, sums in double, compiled without vectorisation, on every platform.
#include <cstring>

#include "kernels/gemm.h"
#include "kernels/gemm_epilogue_scalar.h"

namespace weft::kernels {
namespace {

constexpr size_t kPanelWidth = 16;
constexpr size_t kTileRows = 4;
constexpr size_t kBlockWork = size_t{1} << 20;

size_t packed_row_bytes(size_t row_count, size_t inputs) { return row_count * inputs * sizeof(float); }

void pack_rows(const float* rows, size_t stride, size_t row_count, size_t inputs, void* packed) {
  for (size_t row = 0; row < row_count; ++row) {
    std::memcpy(static_cast<float*>(packed) + row * inputs, rows + row * stride, inputs * sizeof(float));
  }
}

size_t panel_bytes(size_t inputs) { return inputs * kPanelWidth * sizeof(float); }

void pack_panel(const float* weights, size_t inputs, void* panel, void*) {
  std::memcpy(panel, weights, panel_bytes(inputs));
}

void multiply(const GemmBlock& block) {
  const float* rows = static_cast<const float*>(block.rows);
  const float* panels = static_cast<const float*>(block.panels);
  for (size_t row = 0; row < block.row_count; ++row) {
    for (size_t output = 0; output < block.outputs; ++output) {
      const float* weights =
          panels + output / kPanelWidth * block.inputs * kPanelWidth + output % kPanelWidth;
      double sum = 0.0;
      for (size_t input = 0; input < block.inputs; ++input)
        sum += static_cast<double>(rows[row * block.inputs + input]) *
               static_cast<double>(weights[input * kPanelWidth]);
      block.out[row * block.out_stride + output] = finish_result(block, row, output, sum);
    }
  }
}

}  // namespace

const Gemm gemm_f32_scalar = {
    .panel_width = kPanelWidth,
    .tile_rows = kTileRows,
    .block_work = kBlockWork,
    .packed_row_bytes = &packed_row_bytes,
    .pack_rows = &pack_rows,
    .panel_bytes = &panel_bytes,
    .panel_scale_bytes = 0,
    .pack_panel = &pack_panel,
    .multiply = &multiply,
};

}  // namespace weft::kernels
