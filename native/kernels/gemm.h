// Signatures of the matrix product kernels: float rows times packed weights, one table per precision and
// variant. Included by every variant's source, so it holds plain data and declarations only.
#pragma once

#include <cstddef>

#include "kernels/gemm_epilogue.h"

namespace weft::kernels {

// Packed rows hold 64 bytes of each row in turn, so that a kernel reads one stream whatever the stride was.
constexpr size_t kRowChunkBytes = 64;

// A block of results: row_count rows times the outputs of neighbouring panels.
struct GemmBlock {
  size_t inputs;
  size_t row_count;       // at least 1
  const void* rows;       // as pack_rows left them, aligned to 64 bytes
  const void* panels;     // the first panel of the block; panels follow each other
  const void* scales;     // int8: what belongs to the panels; null otherwise
  size_t outputs;         // at least 1, counted from the start of the first panel
  GemmEpilogue epilogue;  // its pointers belong to the first row and output of the block
  float* out;             // [row_count, outputs] at out_stride
  size_t out_stride;
};

struct Gemm {
  size_t panel_width;  // outputs of one panel; a matrix is padded with zeros to whole panels
  size_t tile_rows;    // most rows whose sums stay in registers
  // Multiply-adds of one call that take about a millisecond: how long nobody looks whether to stop.
  size_t block_work;

  // Bytes of `row_count` packed rows.
  size_t (*packed_row_bytes)(size_t row_count, size_t inputs);
  // Packs part `part` of `parts`, which together are all rows: for threads that share the work.
  // rows: [row_count, inputs] at `stride` floats, at any alignment. packed: where all rows of the block go.
  void (*pack_rows)(const float* rows, size_t stride, size_t row_count, size_t inputs, size_t part,
                    size_t parts, void* packed);

  // Bytes of one panel, a multiple of 64.
  size_t (*panel_bytes)(size_t inputs);
  // Bytes of `scales` that belong to one panel; 0 where there are none.
  size_t panel_scale_bytes;
  // weights: [inputs][panel_width] floats; scales: as in GemmBlock, for this panel.
  void (*pack_panel)(const float* weights, size_t inputs, void* panel, void* scales);

  // Sums of one output are added in the order of the inputs: a row's results do not depend on how many rows
  // are computed with it.
  void (*multiply)(const GemmBlock& block);
};

// An int8 sum of more inputs, each up to 127 times 127, may not fit 32 bits.
constexpr size_t kMostInt8Inputs = 133144;

extern const Gemm gemm_f32_scalar;
extern const Gemm gemm_f32_avx2;
extern const Gemm gemm_f32_avx512;
extern const Gemm gemm_f32_neon;
extern const Gemm gemm_bf16_scalar;
extern const Gemm gemm_bf16_avx2;
extern const Gemm gemm_bf16_avx512;
extern const Gemm gemm_bf16_neon;
extern const Gemm gemm_i8_scalar;
extern const Gemm gemm_i8_avx2;
extern const Gemm gemm_i8_avx512;
extern const Gemm gemm_i8_avx512vnni;
extern const Gemm gemm_i8_neon;

}  // namespace weft::kernels
