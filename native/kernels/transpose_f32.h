// Signature of the transposition of a matrix of floats. Plain data and declarations only.
#pragma once

#include <cstddef>

namespace weft::kernels {

struct TransposeF32 {
  // out[c][r] = in[r][c], r below rows, c below columns; strides in floats. in and out do not overlap.
  void (*transpose)(size_t rows, size_t columns, const float* in, size_t in_stride, float* out,
                    size_t out_stride);
};

extern const TransposeF32 transpose_f32_scalar;
extern const TransposeF32 transpose_f32_avx2;
extern const TransposeF32 transpose_f32_avx512;
extern const TransposeF32 transpose_f32_neon;

}  // namespace weft::kernels
