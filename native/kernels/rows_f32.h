// Signatures of what is done to rows of floats between matrix products, one table per variant. All work on
// `rows` rows of `width` floats, each at a stride in floats; `out` may be `in` (same stride). Rows that hold
// NaN give NaN. Sums of squares are single precision in the vector variants: rows of numbers beyond 1e18
// overflow them. Plain data and declarations only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/activation.h"

namespace weft::kernels {

// Most queries of one call of `dots`.
constexpr size_t kMostDotQueries = 4;

struct RowsF32 {
  // (x - mean) / sqrt(variance + epsilon) * weight + bias; weight and bias may be null.
  void (*layer_norm)(size_t rows, size_t width, const float* in, size_t in_stride, const float* weight,
                     const float* bias, float epsilon, float* out, size_t out_stride);

  // x / sqrt(mean of squares + epsilon) * weight + bias; weight and bias may be null.
  void (*rms_norm)(size_t rows, size_t width, const float* in, size_t in_stride, const float* weight,
                   const float* bias, float epsilon, float* out, size_t out_stride);

  // x / max(sqrt(sum of squares), epsilon).
  void (*l2_normalise)(size_t rows, size_t width, const float* in, size_t in_stride, float epsilon,
                       float* out, size_t out_stride);

  // out[row] = sqrt(sum of squares).
  void (*norms)(size_t rows, size_t width, const float* in, size_t in_stride, float* out);

  // products[row][q] = dot product of the row with query q, products at a stride; 1 to kMostDotQueries
  // queries of `width` numbers without gaps.
  void (*dots)(size_t rows, size_t width, const float* in, size_t in_stride, size_t queries,
               const float* query, float* products, size_t product_stride);

  // The same for rows of binary16, whose stride is in numbers.
  void (*half_dots)(size_t rows, size_t width, const uint16_t* in, size_t in_stride, size_t queries,
                    const float* query, float* products, size_t product_stride);

  // out = in, exactly: binary16 to float.
  void (*widen_halves)(size_t count, const uint16_t* in, float* out);

  // The first place of the largest number of one row, of the first NaN where there is one; width is not 0.
  size_t (*argmax)(size_t width, const float* in);

  // exp(x - max) / sum; a row of -infinity gives zeros, +infinity gives NaN.
  void (*softmax)(size_t rows, size_t width, const float* in, size_t in_stride, float* out,
                  size_t out_stride);

  // out = activation(in).
  void (*activate)(Activation activation, size_t rows, size_t width, const float* in, size_t in_stride,
                   float* out, size_t out_stride);

  // out = a + scale * b and out = a * b, number by number; `out` may be one of the two.
  void (*add_scaled)(size_t count, const float* a, const float* b, float scale, float* out);
  void (*multiply)(size_t count, const float* a, const float* b, float* out);

  // In place on [rows, heads, head_size]: elements d and d + half of each head turn by the angle whose cosine
  // and sine are cosines[row][d], sines[row][d]; d below half, both tables without gaps.
  void (*rotate)(size_t rows, size_t heads, size_t head_size, size_t half, const float* cosines,
                 const float* sines, float* data, size_t row_stride);
};

extern const RowsF32 rows_f32_scalar;
extern const RowsF32 rows_f32_avx2;
extern const RowsF32 rows_f32_avx512;
extern const RowsF32 rows_f32_neon;

}  // namespace weft::kernels
