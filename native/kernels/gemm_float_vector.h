// Float rows times weights that are widened to floats, on vectors of any width. Included by gemm_f32_vector.h
// and gemm_bf16_vector.h, whose Weights load them; everything has internal linkage.
#pragma once

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_tiles_vector.h"

namespace weft::kernels {
namespace {

constexpr size_t kChunk = kRowChunkBytes / sizeof(float);

// Weights: kBytes of one weight, and load(at, column) that widens the kVectors vectors of one input.
template <class Weights>
struct FloatProduct {
#if HWY_TARGET <= HWY_AVX3
  static constexpr size_t kVectors = 2;  // 14 x 2 sums, 2 of weights, 1 broadcast: of 32 registers
  static constexpr size_t kTileRows = 14;
#elif HWY_TARGET <= HWY_AVX2
  static constexpr size_t kVectors = 2;  // 6 x 2 sums, 2 of weights, 1 broadcast: of 16 registers
  static constexpr size_t kTileRows = 6;
#else
  static constexpr size_t kVectors = 4;  // 6 x 4 sums, 4 of weights, 1 broadcast: of 32 registers
  static constexpr size_t kTileRows = 6;
#endif
  static constexpr size_t kInputBytes = kVectors * kLanes * Weights::kBytes;
  static constexpr size_t kPanelChunkBytes = kChunk * kInputBytes;

  static size_t panel_bytes(size_t inputs) { return inputs * kInputBytes; }
  static size_t row_chunks(size_t inputs) { return (inputs + kChunk - 1) / kChunk; }
  static size_t head_bytes(size_t) { return 0; }

  template <size_t kRows, size_t kPanels>
  static HWY_INLINE void sum_tile(const GemmBlock& block, const TilePlace&,
                                  const std::byte* HWY_RESTRICT packed_rows,
                                  const std::byte* HWY_RESTRICT panels, Ahead ahead,
                                  float* HWY_RESTRICT sums) {
    const Floats d;
    const size_t panel_stride = panel_bytes(block.inputs);
    const float* HWY_RESTRICT rows = reinterpret_cast<const float*>(packed_rows);
    FloatVector tile[kRows][kPanels * kVectors];
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t v = 0; v < kPanels * kVectors; ++v) tile[r][v] = hn::Zero(d);
    }
    const auto add_input = [&](const float* HWY_RESTRICT numbers,
                               const std::byte* HWY_RESTRICT weights) HWY_ATTR {
      FloatVector column[kPanels * kVectors];
      for (size_t p = 0; p < kPanels; ++p)
        Weights::template load<kVectors>(weights + p * panel_stride, column + p * kVectors);
      for (size_t r = 0; r < kRows; ++r) {
        const FloatVector number = hn::Set(d, numbers[r * kChunk]);
        for (size_t v = 0; v < kPanels * kVectors; ++v)
          tile[r][v] = hn::MulAdd(number, column[v], tile[r][v]);
      }
    };
    size_t left = block.inputs;
    for (; left >= kChunk; left -= kChunk) {
#pragma GCC unroll 4
      for (size_t k = 0; k < kChunk; ++k) add_input(rows + k, panels + k * kInputBytes);
      ahead.fetch();
      rows += kRows * kChunk;
      panels += kPanelChunkBytes;
    }
    for (size_t k = 0; k < left; ++k) add_input(rows + k, panels + k * kInputBytes);
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t v = 0; v < kPanels * kVectors; ++v)
        hn::Store(tile[r][v], d, sums + (r * kPanels * kVectors + v) * kLanes);
    }
  }
};

// [tile][chunk of inputs][row of the tile][kChunk], zeros after the last input.
template <class Product>
void pack_float_rows(const float* rows, size_t stride, size_t row_count, size_t inputs, size_t part,
                     size_t parts, void* packed) {
  const hn::CappedTag<float, kChunk> d;
  const size_t lanes = hn::Lanes(d);
  const auto pack = [&](size_t first, size_t tile_rows, std::byte* place) HWY_ATTR {
    float* to = reinterpret_cast<float*>(place);
    for (size_t input = 0; input < inputs; input += kChunk) {
      const size_t left = inputs - input;
      for (size_t row = 0; row < tile_rows; ++row, to += kChunk) {
        const float* from = rows + (first + row) * stride + input;
        for (size_t lane = 0; lane < kChunk; lane += lanes) {
          const auto numbers = left >= lane + lanes ? hn::LoadU(d, from + lane)
                               : left > lane        ? hn::LoadN(d, from + lane, left - lane)
                                                    : hn::Zero(d);
          hn::Store(numbers, d, to + lane);
        }
      }
    }
  };
  pack_tiles<Product>(row_count, inputs, part, parts, packed, pack);
}

}  // namespace
}  // namespace weft::kernels
