// Softmax on vectors of any width. Included by rows_f32_<isa>.cpp only; everything has internal linkage.
#include <cstddef>
#include <limits>

#include "hwy/highway.h"
#include "kernels/exp_vector.h"
#include "kernels/rows_f32.h"
#include "kernels/rows_fold_vector.h"

namespace weft::kernels {
namespace {

HWY_INLINE float row_maximum(size_t width, const float* in) {
  const Floats d;
  const auto larger = [](FloatVector a, FloatVector b) HWY_ATTR { return hn::Max(a, b); };
  const FloatVector lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  return hn::ReduceMax(d, fold_row(width, in, lowest, larger, larger));
}

// out = exp(in - shift); returns the sum.
HWY_INLINE float exp_row(size_t width, const float* in, float shift, float* out) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  const FloatVector shifts = hn::Set(d, shift);
  FloatVector sums[kFolds];
  for (FloatVector& sum : sums) sum = hn::Zero(d);
  const auto add_exp = [&](size_t at, FloatVector& sum) HWY_ATTR {
    const FloatVector power = exp_vector(d, hn::Sub(hn::LoadU(d, in + at), shifts));
    hn::StoreU(power, d, out + at);
    sum = hn::Add(sum, power);
  };
  size_t i = 0;
  for (; i + kFolds * lanes <= width; i += kFolds * lanes) {
    for (size_t k = 0; k < kFolds; ++k) add_exp(i + k * lanes, sums[k]);
  }
  for (; i + lanes <= width; i += lanes) add_exp(i, sums[0]);
  if (i < width) {
    const size_t rest = width - i;
    const FloatVector power = exp_vector(d, hn::Sub(hn::LoadN(d, in + i, rest), shifts));
    hn::StoreN(power, d, out + i, rest);
    sums[1] = hn::Add(sums[1], hn::IfThenElseZero(hn::FirstN(d, rest), power));
  }
  return hn::ReduceSum(d, hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3])));
}

HWY_INLINE void multiply_row(size_t width, float factor, float* out) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  const FloatVector factors = hn::Set(d, factor);
  size_t i = 0;
  for (; i + lanes <= width; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, out + i), factors), d, out + i);
  if (i < width) hn::StoreN(hn::Mul(hn::LoadN(d, out + i, width - i), factors), d, out + i, width - i);
}

void softmax(size_t rows, size_t width, const float* in, size_t in_stride, float* out, size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    const float maximum = row_maximum(width, in);
    // Where all is -infinity (or NaN, which a maximum may lose), subtracting it would give NaN.
    const float shift = maximum == -std::numeric_limits<float>::infinity() ? 0 : maximum;
    const float sum = exp_row(width, in, shift, out);
    multiply_row(width, sum == 0 ? 0 : 1 / sum, out);
  }
}

}  // namespace
}  // namespace weft::kernels
