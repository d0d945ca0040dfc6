// Rows quantised while running times 8-bit weights: every ISA source includes it once. Everything here has
// internal linkage; it must not include anything but Highway, the signatures and sibling headers.
//
// Rows are symmetric with one scale each, largest / 127; sums are exact 32-bit numbers, so every variant gets
// the same ones. Packed rows: the scales of all rows, then [tile][chunk][row of the tile][64 bytes] of
// numbers as multiply_quads_vector.h wants them.
#include <cstddef>
#include <cstdint>
#include <limits>

#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_i8_panel.h"
#include "kernels/gemm_tiles_vector.h"
#include "kernels/multiply_quads_vector.h"

namespace weft::kernels {
namespace {

constexpr size_t kChunkWords = kRowChunkBytes / sizeof(int32_t);
constexpr size_t kChunkQuads = kChunkWords / kQuadWords;
constexpr size_t kChunkInputs = 4 * kChunkQuads;

struct Product {
#if HWY_TARGET <= HWY_AVX3_DL
  static constexpr size_t kVectors = 2;  // 14 x 2 sums, 2 of weights, 1 broadcast: of 32 registers
  static constexpr size_t kTileRows = 14;
#elif HWY_TARGET <= HWY_AVX3
  static constexpr size_t kVectors = 2;  // 11 x 2 sums, 4 of weights, 2 broadcasts, 2 products
  static constexpr size_t kTileRows = 11;
#elif HWY_TARGET <= HWY_AVX2
  static constexpr size_t kVectors =
      2;  // 4 x 2 sums, 4 of weights, 2 broadcasts, 2 products: of 16 registers
  static constexpr size_t kTileRows = 4;
#else
  static constexpr size_t kVectors = 2;  // 10 x 2 sums, 4 of weights, 2 broadcasts, products: of 32 registers
  static constexpr size_t kTileRows = 10;
#endif
  static constexpr size_t kQuadBytes = kVectors * kLanes * 4;
  static constexpr size_t kPanelChunkBytes = kChunkQuads * kQuadBytes;

  static size_t panel_bytes(size_t inputs) { return quads_of(inputs) * kQuadBytes; }
  static size_t row_chunks(size_t inputs) { return (inputs + kChunkInputs - 1) / kChunkInputs; }
  static size_t head_bytes(size_t row_count) {
    return (row_count * sizeof(float) + kRowChunkBytes - 1) / kRowChunkBytes * kRowChunkBytes;
  }

  template <size_t kRows, size_t kPanels>
  static HWY_INLINE void sum_tile(const GemmBlock& block, const TilePlace& place,
                                  const std::byte* HWY_RESTRICT packed_rows,
                                  const std::byte* HWY_RESTRICT panels, Ahead ahead,
                                  float* HWY_RESTRICT sums);
};

using PanelScales = QuantisedScales<panel_width<Product>()>;

template <size_t kRows, size_t kPanels>
HWY_INLINE void Product::sum_tile(const GemmBlock& block, const TilePlace& place,
                                  const std::byte* HWY_RESTRICT packed_rows,
                                  const std::byte* HWY_RESTRICT panels, Ahead ahead,
                                  float* HWY_RESTRICT sums) {
  const Words words;
  const Floats floats;
  const size_t panel_stride = panel_bytes(block.inputs);
  const int32_t* HWY_RESTRICT rows = reinterpret_cast<const int32_t*>(packed_rows);
  QuadSums tile[kRows][kPanels * kVectors];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kPanels * kVectors; ++v) tile[r][v] = start_sums();
  }
  const auto add_quad = [&](const int32_t* HWY_RESTRICT numbers,
                            const std::byte* HWY_RESTRICT weights) HWY_ATTR {
    QuadWeights column[kPanels * kVectors];
    for (size_t p = 0; p < kPanels; ++p) {
      for (size_t v = 0; v < kVectors; ++v) {
        const std::byte* from = weights + p * panel_stride + v * kLanes * 4;
        column[p * kVectors + v] = widen_weights(hn::Load(words, reinterpret_cast<const int32_t*>(from)));
      }
    }
    for (size_t r = 0; r < kRows; ++r) {
      WordVector number[kQuadWords];
      for (size_t w = 0; w < kQuadWords; ++w) number[w] = hn::Set(words, numbers[r * kChunkWords + w]);
      for (size_t v = 0; v < kPanels * kVectors; ++v) tile[r][v] = add_quads(number, column[v], tile[r][v]);
    }
  };
  size_t left = quads_of(block.inputs);
  for (; left >= kChunkQuads; left -= kChunkQuads) {
#pragma GCC unroll 4
    for (size_t q = 0; q < kChunkQuads; ++q) add_quad(rows + q * kQuadWords, panels + q * kQuadBytes);
    ahead.fetch();
    rows += kRows * kChunkWords;
    panels += kPanelChunkBytes;
  }
  for (size_t q = 0; q < left; ++q) add_quad(rows + q * kQuadWords, panels + q * kQuadBytes);

  const float* row_scales = static_cast<const float*>(block.rows) + place.row;
  const PanelScales* scales =
      static_cast<const PanelScales*>(block.scales) + place.column / panel_width<Product>();
  for (size_t r = 0; r < kRows; ++r) {
    const FloatVector row_scale = hn::Set(floats, row_scales[r]);
    for (size_t v = 0; v < kPanels * kVectors; ++v) {
      const PanelScales& panel = scales[v / kVectors];
      const size_t lane = v % kVectors * kLanes;
      WordVector sum = words_of(tile[r][v]);
      if constexpr (kShiftedNumbers) sum = hn::Sub(sum, hn::LoadU(words, panel.shifted + lane));
      const FloatVector scale = hn::Mul(row_scale, hn::LoadU(floats, panel.scale + lane));
      hn::Store(hn::Mul(hn::ConvertTo(floats, sum), scale), floats,
                sums + (r * kPanels * kVectors + v) * kLanes);
    }
  }
}

struct RowScale {
  float scale;   // a number of the row is its 8-bit number times this
  float factor;  // and the other way round
};

// NaN when a number is not finite: the whole row becomes NaN.
HWY_INLINE RowScale scale_row(const float* row, size_t inputs) {
  const Floats d;
  FloatVector largest = hn::Zero(d);
  FloatVector poison = hn::Zero(d);  // 0 times infinity or NaN is NaN
  const auto take = [&](FloatVector numbers) HWY_ATTR {
    largest = hn::Max(largest, hn::Abs(numbers));
    poison = hn::MulAdd(numbers, hn::Zero(d), poison);
  };
  size_t input = 0;
  for (; input + kLanes <= inputs; input += kLanes) take(hn::LoadU(d, row + input));
  if (input < inputs) take(hn::LoadN(d, row + input, inputs - input));
  if (!hn::AllFalse(d, hn::IsNaN(poison))) return {std::numeric_limits<float>::quiet_NaN(), 0.0f};
  const float most = hn::ReduceMax(d, largest);
  if (most < kLeastLargest) return {0.0f, 0.0f};
  return {most / 127.0f, 127.0f / most};
}

// One vector of numbers, whole ones in -127 to 127, to where the products want them.
HWY_INLINE void store_numbers(FloatVector numbers, std::byte* to) {
  const auto whole = hn::NearestInt(numbers);
  if constexpr (kShiftedNumbers) {
    const hn::Rebind<int8_t, Floats> bytes;
    const auto shifted = hn::Xor(hn::DemoteTo(bytes, whole), hn::Set(bytes, int8_t{-128}));
    hn::StoreU(shifted, bytes, reinterpret_cast<int8_t*>(to));
  } else {
    // Of four neighbours, 0 and 2 before 1 and 3.
    alignas(16) static constexpr uint8_t kOrder[16] = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};
    const hn::Rebind<int16_t, Floats> shorts;
    const hn::Repartition<uint8_t, decltype(shorts)> bytes;
    const auto order = hn::LoadDup128(bytes, kOrder);
    const auto ordered = hn::TableLookupBytes(hn::BitCast(bytes, hn::DemoteTo(shorts, whole)), order);
    hn::StoreU(hn::BitCast(shorts, ordered), shorts, reinterpret_cast<int16_t*>(to));
  }
}

void pack_rows(const float* rows, size_t stride, size_t row_count, size_t inputs, size_t part, size_t parts,
               void* packed) {
  const Floats d;
  constexpr size_t kVectorBytes = kLanes * kQuadWords;
  const size_t row_chunks = Product::row_chunks(inputs);
  float* scales = static_cast<float*>(packed);
  const auto pack = [&](size_t first, size_t tile_rows, std::byte* to) HWY_ATTR {
    for (size_t row = 0; row < tile_rows; ++row) {
      const float* from = rows + (first + row) * stride;
      const RowScale scale = scale_row(from, inputs);
      scales[first + row] = scale.scale;
      // A row that is not finite has no numbers, only its scale.
      const size_t count = scale.scale == scale.scale ? inputs : 0;
      const FloatVector factor = hn::Set(d, scale.factor);
      for (size_t chunk = 0; chunk < row_chunks; ++chunk) {
        std::byte* place = to + (chunk * tile_rows + row) * kRowChunkBytes;
        for (size_t lane = 0; lane < kChunkInputs; lane += kLanes, place += kVectorBytes) {
          const size_t input = chunk * kChunkInputs + lane;
          FloatVector numbers = hn::Zero(d);
          if (input + kLanes <= count) {
            numbers = hn::LoadU(d, from + input);
          } else if (input < count) {
            numbers = hn::LoadN(d, from + input, count - input);
          }
          store_numbers(hn::Mul(numbers, factor), place);
        }
      }
    }
  };
  pack_tiles<Product>(row_count, inputs, part, parts, packed, pack);
}

void pack_panel(const float* weights, size_t inputs, void* panel, void* scales) {
  quantise_panel(weights, inputs, static_cast<int8_t*>(panel), *static_cast<PanelScales*>(scales));
}

}  // namespace
}  // namespace weft::kernels
