// Transposition on vectors of any width: square blocks of as many rows as a vector has lanes. Included by
// transpose_f32_<isa>.cpp only; everything has internal linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/transpose_f32.h"
#include "kernels/transpose_vector.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;

constexpr size_t kLanes = HWY_LANES(float);

HWY_INLINE void transpose_whole_block(const float* in, size_t in_stride, float* out, size_t out_stride) {
  const Floats d;
  FloatVector block[kLanes];
  for (size_t k = 0; k < kLanes; ++k) block[k] = hn::LoadU(d, in + k * in_stride);
  transpose_vector(d, block);
  for (size_t k = 0; k < kLanes; ++k) hn::StoreU(block[k], d, out + k * out_stride);
}

// At most kLanes rows and columns.
void transpose_part(size_t rows, size_t columns, const float* in, size_t in_stride, float* out,
                    size_t out_stride) {
  const Floats d;
  FloatVector block[kLanes];
  for (size_t k = 0; k < kLanes; ++k) {
    block[k] = k < rows ? hn::LoadN(d, in + k * in_stride, columns) : hn::Zero(d);
  }
  transpose_vector(d, block);
  for (size_t k = 0; k < columns; ++k) hn::StoreN(block[k], d, out + k * out_stride, rows);
}

void transpose(size_t rows, size_t columns, const float* in, size_t in_stride, float* out,
               size_t out_stride) {
  for (size_t r = 0; r < rows; r += kLanes) {
    const size_t height = rows - r < kLanes ? rows - r : kLanes;
    for (size_t c = 0; c < columns; c += kLanes) {
      const size_t width = columns - c < kLanes ? columns - c : kLanes;
      const float* from = in + r * in_stride + c;
      float* to = out + c * out_stride + r;
      if (height == kLanes && width == kLanes) {
        transpose_whole_block(from, in_stride, to, out_stride);
      } else {
        transpose_part(height, width, from, in_stride, to, out_stride);
      }
    }
  }
}

}  // namespace
}  // namespace weft::kernels
