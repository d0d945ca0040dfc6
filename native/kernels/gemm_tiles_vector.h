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
//   kPanelChunkBytes: bytes of a panel that belong to one chunk of a row
//   sum_tile<kRows, kPanels>(block, place, rows, panels, ahead, sums): sums as finish_tile reads them
#pragma once

#include <cstddef>
#include <utility>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_epilogue_vector.h"

namespace weft::kernels {
namespace {

constexpr size_t kLanes = HWY_LANES(float);
// Two multiply-adds per cycle with a latency of four.
constexpr size_t kLeastSums = 8;
// A millisecond of two multiply-adds per lane and nanosecond.
constexpr size_t kBlockWork = kLanes << 21;

constexpr size_t kCacheLine = 64;
// How far before its use a panel is fetched that only one tile reads: about a page, where the processor's own
// prefetching stops.
constexpr size_t kStreamAhead = 8192;

// What a tile fetches ahead while it sums, per chunk of a row.
struct Ahead {
  const std::byte* from;
  size_t lines;

  HWY_INLINE void fetch() {
    for (size_t line = 0; line < lines; ++line, from += kCacheLine) hwy::Prefetch(from);
  }
};

// Rows are split into tiles as even as possible: the first `larger` have one row more.
struct Tiles {
  size_t count;
  size_t rows;
  size_t larger;

  HWY_INLINE size_t rows_of(size_t tile) const { return rows + (tile < larger ? 1 : 0); }
  HWY_INLINE size_t start_of(size_t tile) const { return tile * rows + (tile < larger ? tile : larger); }
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

// Calls pack(first row, row count, where) for the tiles of one part.
template <class Product, class Pack>
HWY_INLINE void pack_tiles(size_t row_count, size_t inputs, size_t part, size_t parts, void* packed,
                           Pack pack) {
  const Tiles tiles = split_rows<Product>(row_count);
  const size_t row_bytes = Product::row_chunks(inputs) * kRowChunkBytes;
  std::byte* start = static_cast<std::byte*>(packed) + Product::head_bytes(row_count);
  const size_t end = tiles.count * (part + 1) / parts;
  for (size_t tile = tiles.count * part / parts; tile < end; ++tile)
    pack(tiles.start_of(tile), tiles.rows_of(tile), start + tiles.start_of(tile) * row_bytes);
}

// The next panels, one tile's share of them each, so that they arrive while the tiles pass over these ones;
// or, where a single tile does, what it reads soon. Several panels at once are streams enough for the
// processor's own prefetching.
template <class Product>
HWY_INLINE Ahead look_ahead(const std::byte* panels, size_t panel_count, size_t inputs, size_t tile,
                            size_t tiles) {
  if (tiles == 1) {
    const size_t lines = panel_count == 1 ? Product::kPanelChunkBytes / kCacheLine : 0;
    return {panels + kStreamAhead, lines};
  }
  const size_t bytes = panel_count * Product::panel_bytes(inputs);
  const size_t chunks = Product::row_chunks(inputs) * tiles;
  const size_t lines = (bytes / kCacheLine + chunks - 1) / chunks;
  return {panels + bytes + tile * lines * kCacheLine * (chunks / tiles), lines};
}

// One tile of rows times the outputs from `column` to `end`, all of them or whole panels.
template <class Product, size_t kRows>
void multiply_rows(const GemmBlock& block, const std::byte* rows, size_t first_row, size_t column, size_t end,
                   const Ahead& ahead) {
  constexpr size_t kWidth = panel_width<Product>();
  constexpr size_t kPanels = panels_together<Product>(kRows);
  HWY_ALIGN float sums[kRows * kPanels * kWidth];
  const size_t panel_bytes = Product::panel_bytes(block.inputs);
  const std::byte* panels = static_cast<const std::byte*>(block.panels) + column / kWidth * panel_bytes;
  for (; column + (kPanels - 1) * kWidth < end; column += kPanels * kWidth) {
    const TilePlace place{first_row, kRows, column, HWY_MIN(end - column, kPanels * kWidth)};
    Product::template sum_tile<kRows, kPanels>(block, place, rows, panels, ahead, sums);
    finish_tile(block, place, sums, kPanels * kWidth);
    panels += kPanels * panel_bytes;
  }
  for (; column < end; column += kWidth) {
    const TilePlace place{first_row, kRows, column, HWY_MIN(end - column, kWidth)};
    Product::template sum_tile<kRows, 1>(block, place, rows, panels, ahead, sums);
    finish_tile(block, place, sums, kWidth);
    panels += panel_bytes;
  }
}

using MultiplyRows = void(const GemmBlock&, const std::byte*, size_t, size_t, size_t, const Ahead&);

template <class Product, class Indices = std::make_index_sequence<Product::kTileRows>>
struct TileTable;
template <class Product, size_t... kIndices>
struct TileTable<Product, std::index_sequence<kIndices...>> {
  static constexpr MultiplyRows* kEntries[] = {&multiply_rows<Product, kIndices + 1>...};
};

// Panels stay in the caches while all tiles of rows pass over them.
template <class Product>
void multiply(const GemmBlock& block) {
  constexpr size_t kWidth = panel_width<Product>();
  const Tiles tiles = split_rows<Product>(block.row_count);
  const size_t step = panels_together<Product>(tiles.rows);
  const size_t row_bytes = Product::row_chunks(block.inputs) * kRowChunkBytes;
  const std::byte* rows = static_cast<const std::byte*>(block.rows) + Product::head_bytes(block.row_count);
  const std::byte* panels = static_cast<const std::byte*>(block.panels);
  for (size_t column = 0; column < block.outputs; column += step * kWidth) {
    const size_t end = HWY_MIN(column + step * kWidth, block.outputs);
    for (size_t tile = 0; tile < tiles.count; ++tile) {
      const size_t row = tiles.start_of(tile);
      const Ahead ahead = look_ahead<Product>(panels, step, block.inputs, tile, tiles.count);
      TileTable<Product>::kEntries[tiles.rows_of(tile) - 1](block, rows + row * row_bytes, row, column, end,
                                                            ahead);
    }
    panels += step * Product::panel_bytes(block.inputs);
  }
}

}  // namespace
}  // namespace weft::kernels
