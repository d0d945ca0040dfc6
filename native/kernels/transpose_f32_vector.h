// Transposition on vectors of any width: square blocks of as many rows as a vector has lanes. Included by
// transpose_f32_<isa>.cpp only; everything has internal linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/transpose_f32.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;

constexpr size_t kLanes = HWY_LANES(float);

// One perfect shuffle of the block's numbers; as many of them as the number of lanes has bits transpose it:
// each moves one bit of the row number into the column number.
HWY_INLINE void shuffle_block(const FloatVector* from, FloatVector* to) {
  const Floats d;
  for (size_t k = 0; k < kLanes / 2; ++k) {
    to[2 * k] = hn::InterleaveWholeLower(d, from[k], from[k + kLanes / 2]);
    to[2 * k + 1] = hn::InterleaveWholeUpper(d, from[k], from[k + kLanes / 2]);
  }
}

HWY_INLINE void transpose_registers(FloatVector* block) {
  FloatVector other[kLanes];
  shuffle_block(block, other);
  shuffle_block(other, block);
  if constexpr (kLanes == 8) {
    shuffle_block(block, other);
    for (size_t k = 0; k < kLanes; ++k) block[k] = other[k];
  } else if constexpr (kLanes == 16) {
    shuffle_block(block, other);
    shuffle_block(other, block);
  }
}

HWY_INLINE void transpose_whole_block(const float* in, size_t in_stride, float* out, size_t out_stride) {
  const Floats d;
  FloatVector block[kLanes];
  for (size_t k = 0; k < kLanes; ++k) block[k] = hn::LoadU(d, in + k * in_stride);
  transpose_registers(block);
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
  transpose_registers(block);
  for (size_t k = 0; k < columns; ++k) hn::StoreN(block[k], d, out + k * out_stride, rows);
}

void transpose(size_t rows, size_t columns, const float* in, size_t in_stride, float* out,
               size_t out_stride) {
  static_assert(kLanes == 4 || kLanes == 8 || kLanes == 16);
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
