// The oracle: rows and weights in 8 bits, sums in 64, the rest in double, compiled without vectorisation, on
// every platform.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/gemm.h"
#include "kernels/gemm_epilogue_scalar.h"
#include "kernels/gemm_i8_panel.h"

namespace weft::kernels {
namespace {

constexpr size_t kPanelWidth = 16;
constexpr size_t kTileRows = 4;
// At one multiply-add per nanosecond.
constexpr size_t kBlockWork = size_t{1} << 20;

using PanelScales = QuantisedScales<kPanelWidth>;

size_t packed_row_bytes(size_t row_count, size_t inputs) { return row_count * (sizeof(float) + inputs); }

// The scales of all rows, then their numbers.
void pack_rows(const float* rows, size_t stride, size_t row_count, size_t inputs, size_t part, size_t parts,
               void* packed) {
  float* scales = static_cast<float*>(packed);
  int8_t* numbers = reinterpret_cast<int8_t*>(scales + row_count);
  for (size_t row = row_count * part / parts; row < row_count * (part + 1) / parts; ++row) {
    const float* from = rows + row * stride;
    float largest = 0.0f;
    bool finite = true;
    for (size_t input = 0; input < inputs; ++input) {
      finite = finite && std::isfinite(from[input]);
      largest = std::fabs(from[input]) > largest ? std::fabs(from[input]) : largest;
    }
    const bool counts = finite && largest >= kLeastLargest;
    const float factor = counts ? 127.0f / largest : 0.0f;
    scales[row] = counts ? largest / 127.0f : finite ? 0.0f : std::numeric_limits<float>::quiet_NaN();
    for (size_t input = 0; input < inputs; ++input)
      numbers[row * inputs + input] = static_cast<int8_t>(counts ? round_to_whole(from[input] * factor) : 0);
  }
}

size_t panel_bytes(size_t inputs) { return quads_of(inputs) * 4 * kPanelWidth; }

void pack_panel(const float* weights, size_t inputs, void* panel, void* scales) {
  quantise_panel(weights, inputs, static_cast<int8_t*>(panel), *static_cast<PanelScales*>(scales));
}

void multiply(const GemmBlock& block) {
  const float* row_scales = static_cast<const float*>(block.rows);
  const int8_t* rows = reinterpret_cast<const int8_t*>(row_scales + block.row_count);
  for (size_t row = 0; row < block.row_count; ++row) {
    const int8_t* numbers = rows + row * block.inputs;
    for (size_t output = 0; output < block.outputs; ++output) {
      const size_t panel = output / kPanelWidth;
      const size_t column = output % kPanelWidth;
      const int8_t* weights = static_cast<const int8_t*>(block.panels) + panel * panel_bytes(block.inputs);
      int64_t sum = 0;
      for (size_t input = 0; input < block.inputs; ++input)
        sum += static_cast<int64_t>(numbers[input]) *
               weights[(input / 4 * kPanelWidth + column) * 4 + input % 4];
      const double scale = static_cast<double>(row_scales[row]) *
                           static_cast<const PanelScales*>(block.scales)[panel].scale[column];
      block.out[row * block.out_stride + output] =
          finish_result(block, row, output, static_cast<double>(sum) * scale);
    }
  }
}

}  // namespace

const Gemm gemm_i8_scalar = {
    .panel_width = kPanelWidth,
    .tile_rows = kTileRows,
    .block_work = kBlockWork,
    .packed_row_bytes = &packed_row_bytes,
    .pack_rows = &pack_rows,
    .panel_bytes = &panel_bytes,
    .panel_scale_bytes = sizeof(PanelScales),
    .pack_panel = &pack_panel,
    .multiply = &multiply,
};

}  // namespace weft::kernels
