// How a block of results is cut into tiles whose sums stay in registers; the same for every precision.
// Included by gemm_*_vector.h only; everything has internal linkage.
//
// A panel holds kVectors vectors of outputs for every input. A tile of up to kTileRows rows keeps one sum per
// row and output in a register: each weight loaded serves all rows, each number of a row, broadcast, serves
// the whole panel. Few rows take several panels at once, so that enough independent sums hide the latency of
// a multiply-add.
//
// A Product says how one tile is summed:
//   kTileRows, kVectors
//   row_chunks(inputs): chunks of kRowChunkBytes that one packed row takes
//   panel_bytes(inputs): bytes of one panel
//   head_bytes(row_count): bytes before the first tile of packed rows
//   sum_tile<kRows, kPanels>(block, place, rows, panels, sums): sums as finish_tile reads them
#pragma once

#include <cstddef>
#include <utility>

#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_epilogue_vector.h"

namespace weft::kernels {
namespace {

constexpr size_t kLanes = HWY_LANES(float);
// Two multiply-adds per cycle with a latency of four.
constexpr size_t kLeastSums = 8;
// At 16 multiply-adds per nanosecond and less.
constexpr size_t kBlockWork = size_t{1} << 24;

// Rows are split into tiles as even as possible: the first `larger` have one row more.
struct Tiles {
  size_t count;
  size_t rows;
  size_t larger;

  HWY_INLINE size_t rows_of(size_t tile) const { return rows + (tile < larger ? 1 : 0); }
};

template <class Product>
HWY_INLINE Tiles split_rows(size_t row_count) {
  const size_t count = (row_count + Product::kTileRows - 1) / Product::kTileRows;
  return {count, row_count / count, row_count % count};
}

template <class Product>
constexpr size_t panel_width() {
  return Product::kVectors * kLanes;
}

template <class Product>
constexpr size_t panels_together(size_t rows) {
  const size_t sums = rows * Product::kVectors;
  return (kLeastSums + sums - 1) / sums;
}

template <class Product>
size_t packed_row_bytes(size_t row_count, size_t inputs) {
  return Product::head_bytes(row_count) + row_count * Product::row_chunks(inputs) * kRowChunkBytes;
}

// One tile of rows times the outputs from `column` to `end`, all of them or whole panels.
template <class Product, size_t kRows>
void multiply_rows(const GemmBlock& block, const std::byte* rows, size_t first_row, size_t column,
                   size_t end) {
  constexpr size_t kWidth = panel_width<Product>();
  constexpr size_t kPanels = panels_together<Product>(kRows);
  HWY_ALIGN float sums[kRows * kPanels * kWidth];
  const size_t panel_bytes = Product::panel_bytes(block.inputs);
  const std::byte* panels = static_cast<const std::byte*>(block.panels) + column / kWidth * panel_bytes;
  for (; column + (kPanels - 1) * kWidth < end; column += kPanels * kWidth) {
    const TilePlace place{first_row, kRows, column, HWY_MIN(end - column, kPanels * kWidth)};
    Product::template sum_tile<kRows, kPanels>(block, place, rows, panels, sums);
    finish_tile(block, place, sums, kPanels * kWidth);
    panels += kPanels * panel_bytes;
  }
  for (; column < end; column += kWidth) {
    const TilePlace place{first_row, kRows, column, HWY_MIN(end - column, kWidth)};
    Product::template sum_tile<kRows, 1>(block, place, rows, panels, sums);
    finish_tile(block, place, sums, kWidth);
    panels += panel_bytes;
  }
}

using MultiplyRows = void(const GemmBlock&, const std::byte*, size_t, size_t, size_t);

template <class Product, class Indices = std::make_index_sequence<Product::kTileRows>>
struct TileTable;
template <class Product, size_t... kIndices>
struct TileTable<Product, std::index_sequence<kIndices...>> {
  static constexpr MultiplyRows* kEntries[] = {&multiply_rows<Product, kIndices + 1>...};
};

// Panels stay in the caches while all tiles of rows pass over them.
template <class Product>
void multiply(const GemmBlock& block) {
  const Tiles tiles = split_rows<Product>(block.row_count);
  const size_t step = panels_together<Product>(tiles.rows) * panel_width<Product>();
  const size_t row_bytes = Product::row_chunks(block.inputs) * kRowChunkBytes;
  for (size_t column = 0; column < block.outputs; column += step) {
    const size_t end = HWY_MIN(column + step, block.outputs);
    const std::byte* rows = static_cast<const std::byte*>(block.rows) + Product::head_bytes(block.row_count);
    size_t row = 0;
    for (size_t tile = 0; tile < tiles.count; ++tile) {
      const size_t tile_rows = tiles.rows_of(tile);
      TileTable<Product>::kEntries[tile_rows - 1](block, rows, row, column, end);
      row += tile_rows;
      rows += tile_rows * row_bytes;
    }
  }
}

}  // namespace
}  // namespace weft::kernels
