// The oracle of transposition.
#include "kernels/transpose_f32.h"

namespace weft::kernels {
namespace {

void transpose(size_t rows, size_t columns, const float* in, size_t in_stride, float* out,
               size_t out_stride) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) out[c * out_stride + r] = in[r * in_stride + c];
  }
}

}  // namespace

const TransposeF32 transpose_f32_scalar = {&transpose};

}  // namespace weft::kernels
