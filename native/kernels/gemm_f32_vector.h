// Float rows times float weights on vectors of any width: every ISA source includes it once. Everything here
// has internal linkage; it must not include anything but Highway, the signatures and sibling vector headers.
//
// A panel holds kVectors vectors of outputs for every input: [inputs][panel width]. A tile of up to kTileRows
// rows keeps one sum per row and output in registers: each weight loaded serves all rows, each number of a
// row, broadcast, serves the whole panel. Few rows take several panels at once, so that enough independent
// sums hide the latency of a multiply-add.
#include <cstddef>
#include <cstring>
#include <utility>

#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_epilogue_vector.h"

namespace weft::kernels {
namespace {

constexpr size_t kLanes = HWY_LANES(float);
#if HWY_TARGET <= HWY_AVX3
constexpr size_t kVectors = 2;  // 14 x 2 sums, 2 of weights, 1 broadcast: of 32 registers
constexpr size_t kTileRows = 14;
#elif HWY_TARGET <= HWY_AVX2
constexpr size_t kVectors = 2;  // 6 x 2 sums, 2 of weights, 1 broadcast: of 16 registers
constexpr size_t kTileRows = 6;
#else
constexpr size_t kVectors = 4;  // 6 x 4 sums, 4 of weights, 1 broadcast: of 32 registers
constexpr size_t kTileRows = 6;
#endif
constexpr size_t kPanelWidth = kVectors * kLanes;
constexpr size_t kChunk = kRowChunkBytes / sizeof(float);
// Sums that a tile should have at least: 2 multiply-adds per cycle with a latency of 4.
constexpr size_t kLeastSums = 8;

// At 16 multiply-adds per nanosecond and less.
constexpr size_t kBlockWork = size_t{1} << 24;

constexpr size_t panels_together(size_t rows) {
  const size_t panels = (kLeastSums + rows * kVectors - 1) / (rows * kVectors);
  return panels == 0 ? 1 : panels;
}

size_t packed_row_bytes(size_t row_count, size_t inputs) {
  return row_count * ((inputs + kChunk - 1) / kChunk) * kRowChunkBytes;
}

// Rows are split into tiles as even as possible: the first `larger` have one row more.
struct Tiles {
  size_t count;
  size_t rows;
  size_t larger;
};

HWY_INLINE Tiles split_rows(size_t row_count) {
  const size_t count = (row_count + kTileRows - 1) / kTileRows;
  return {count, row_count / count, row_count % count};
}

// [tile][chunk of inputs][row of the tile][kChunk]
void pack_rows(const float* rows, size_t stride, size_t row_count, size_t inputs, void* packed) {
  const hn::CappedTag<float, kChunk> d;
  const size_t lanes = hn::Lanes(d);
  const Tiles tiles = split_rows(row_count);
  float* to = static_cast<float*>(packed);
  for (size_t tile = 0; tile < tiles.count; ++tile) {
    const size_t tile_rows = tiles.rows + (tile < tiles.larger ? 1 : 0);
    for (size_t input = 0; input < inputs; input += kChunk) {
      for (size_t row = 0; row < tile_rows; ++row, to += kChunk) {
        const float* from = rows + row * stride + input;
        for (size_t lane = 0; lane < kChunk; lane += lanes) {
          const size_t left = inputs - input;
          const auto numbers = left >= lane + lanes ? hn::LoadU(d, from + lane)
                               : left > lane        ? hn::LoadN(d, from + lane, left - lane)
                                                    : hn::Zero(d);
          hn::Store(numbers, d, to + lane);
        }
      }
    }
    rows += tile_rows * stride;
  }
}

size_t panel_bytes(size_t inputs) { return inputs * kPanelWidth * sizeof(float); }

void pack_panel(const float* weights, size_t inputs, void* panel, void*) {
  std::memcpy(panel, weights, panel_bytes(inputs));
}

// sums: [kRows][kPanels * kPanelWidth] of kPanels neighbouring panels.
template <size_t kRows, size_t kPanels>
HWY_INLINE void multiply_tile(const float* HWY_RESTRICT rows, const float* HWY_RESTRICT panels, size_t inputs,
                              float* HWY_RESTRICT sums) {
  const Floats d;
  const size_t panel_stride = inputs * kPanelWidth;
  FloatVector tile[kRows][kPanels * kVectors];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kPanels * kVectors; ++v) tile[r][v] = hn::Zero(d);
  }
  const auto add_input = [&](const float* HWY_RESTRICT row_numbers,
                             const float* HWY_RESTRICT weights) HWY_ATTR {
    FloatVector column[kPanels * kVectors];
    for (size_t p = 0; p < kPanels; ++p) {
      for (size_t v = 0; v < kVectors; ++v)
        column[p * kVectors + v] = hn::Load(d, weights + p * panel_stride + v * kLanes);
    }
    for (size_t r = 0; r < kRows; ++r) {
      const FloatVector number = hn::Set(d, row_numbers[r * kChunk]);
      for (size_t v = 0; v < kPanels * kVectors; ++v) tile[r][v] = hn::MulAdd(number, column[v], tile[r][v]);
    }
  };
  size_t left = inputs;
  for (; left >= kChunk; left -= kChunk) {
#pragma GCC unroll 4
    for (size_t k = 0; k < kChunk; ++k) add_input(rows + k, panels + k * kPanelWidth);
    rows += kRows * kChunk;
    panels += kChunk * kPanelWidth;
  }
  for (size_t k = 0; k < left; ++k) add_input(rows + k, panels + k * kPanelWidth);
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kPanels * kVectors; ++v)
      hn::Store(tile[r][v], d, sums + (r * kPanels * kVectors + v) * kLanes);
  }
}

// One tile of rows times the outputs from `column` to `end`, all of them or whole panels.
template <size_t kRows>
void multiply_rows(const GemmBlock& block, const float* rows, size_t first_row, size_t column, size_t end) {
  constexpr size_t kPanels = panels_together(kRows);
  HWY_ALIGN float sums[kRows * kPanels * kPanelWidth];
  const float* panels = static_cast<const float*>(block.panels);
  for (; column + (kPanels - 1) * kPanelWidth < end; column += kPanels * kPanelWidth) {
    multiply_tile<kRows, kPanels>(rows, panels + column * block.inputs, block.inputs, sums);
    const size_t columns = HWY_MIN(end - column, kPanels * kPanelWidth);
    finish_tile(block, {first_row, kRows, column, columns}, sums, kPanels * kPanelWidth);
  }
  for (; column < end; column += kPanelWidth) {
    multiply_tile<kRows, 1>(rows, panels + column * block.inputs, block.inputs, sums);
    finish_tile(block, {first_row, kRows, column, HWY_MIN(end - column, kPanelWidth)}, sums, kPanelWidth);
  }
}

using MultiplyRows = void(const GemmBlock&, const float*, size_t, size_t, size_t);

template <size_t... kIndices>
struct TileTable {
  static constexpr MultiplyRows* kEntries[] = {&multiply_rows<kIndices + 1>...};
  constexpr explicit TileTable(std::index_sequence<kIndices...>) {}
};
constexpr TileTable kTileTable{std::make_index_sequence<kTileRows>()};

// Panels stay in the caches while all tiles of rows pass over them.
void multiply(const GemmBlock& block) {
  const Tiles tiles = split_rows(block.row_count);
  const size_t step = panels_together(tiles.rows) * kPanelWidth;
  for (size_t column = 0; column < block.outputs; column += step) {
    const size_t end = HWY_MIN(column + step, block.outputs);
    const float* rows = static_cast<const float*>(block.rows);
    size_t row = 0;
    for (size_t tile = 0; tile < tiles.count; ++tile) {
      const size_t tile_rows = tiles.rows + (tile < tiles.larger ? 1 : 0);
      kTileTable.kEntries[tile_rows - 1](block, rows, row, column, end);
      row += tile_rows;
      rows += packed_row_bytes(tile_rows, block.inputs) / sizeof(float);
    }
  }
}

}  // namespace
}  // namespace weft::kernels
