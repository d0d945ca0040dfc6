// Signatures of the 8-bit resampling kernels: Pillow's two passes in 22-bit fixed point, one table per
// variant. Included by every variant's source, so it holds plain data and declarations only: an inline
// function here could be compiled for AVX2 and chosen by the linker for everybody.
#pragma once

#include <cstdint>

namespace weft::kernels {

// Weights are multiples of 2^-22: an 8-bit pixel times a weight below 2 fits 31 bits.
constexpr int kPrecisionBits = 22;
// A weight w is split as w = high * 2^15 + low with 0 <= low < 2^15, so that both halves fit int16 and two
// exact 16-bit multiply-adds (pmaddwd and its like) replace one 32-bit multiplication per tap.
constexpr int kSplitBits = 15;
// Taps per position are padded to whole blocks with zero weights.
constexpr int kTapBlock = 4;
// Bytes that kernels may read after the last pixel of a row and write after the last pixel of an output row.
constexpr int kRowPadding = 64;
// Most rows of one horizontal call.
constexpr int kRowGroup = 8;

// Where the positions of one axis take their pixels from. Source position first[i] + k has weight
// weights[i][k].
struct AxisTaps {
  int32_t count;           // positions
  int32_t stride;          // taps stored per position, a multiple of kTapBlock
  const int32_t* first;    // [count]
  const int32_t* taps;     // [count], taps that count; first + taps stays inside the source
  const int32_t* weights;  // [count][stride], zero after taps
  // [count][stride / 2][2]: the low halves of two neighbouring taps as one int32 (the first tap in its lower
  // 16 bits), then their high halves.
  const int32_t* split;
};

// One pass sums in int32, adds a half, shifts by kPrecisionBits and clips to 0..255.
struct ResampleU8 {
  // Resamples `row_count` (1 to kRowGroup) rows of interleaved pixels, `channels` 1 to 4.
  // rows[r]: kRowPadding readable bytes after its last pixel. out[r]: axis.count pixels and kRowPadding
  // bytes.
  void (*horizontal)(const AxisTaps& axis, int channels, const uint8_t* const* rows, uint8_t* const* out,
                     int row_count);

  // Weighs whole rows: out[i] = sum over k of weights[position][k] * rows[k][i], i below `bytes`.
  // rows: taps[position] rounded up to even pointers. Rows and out: readable, writable up to a multiple of 64
  // bytes.
  void (*vertical)(const AxisTaps& axis, int position, const uint8_t* const* rows, uint8_t* out, int bytes);
};

extern const ResampleU8 resample_u8_scalar;
extern const ResampleU8 resample_u8_avx2;
extern const ResampleU8 resample_u8_avx512;
extern const ResampleU8 resample_u8_neon;

}  // namespace weft::kernels
