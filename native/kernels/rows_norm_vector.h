// Layer norm, RMS norm and L2 norm on vectors of any width. Included by rows_f32_<isa>.cpp only; everything
// has internal linkage. A row is read two or three times, but from the first cache level after the first.
#include <cmath>
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/rows_f32.h"
#include "kernels/rows_fold_vector.h"

namespace weft::kernels {
namespace {

struct AddNumber {
  HWY_INLINE FloatVector operator()(FloatVector x, FloatVector sum) const { return hn::Add(sum, x); }
};

struct AddSquare {
  HWY_INLINE FloatVector operator()(FloatVector x, FloatVector sum) const { return hn::MulAdd(x, x, sum); }
};

struct AddSquaredDistance {
  FloatVector mean;
  HWY_INLINE FloatVector operator()(FloatVector x, FloatVector sum) const {
    const FloatVector distance = hn::Sub(x, mean);
    return hn::MulAdd(distance, distance, sum);
  }
};

template <typename Step>
HWY_INLINE float sum_row(size_t width, const float* in, Step step) {
  const Floats d;
  const auto add = [](FloatVector a, FloatVector b) HWY_ATTR { return hn::Add(a, b); };
  return hn::ReduceSum(d, fold_row(width, in, hn::Zero(d), step, add));
}

// out = (x - shift) * factor * weight + bias.
template <bool kWeight, bool kBias>
HWY_INLINE void scale_row(size_t width, const float* in, float shift, float factor, const float* weight,
                          const float* bias, float* out) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  const FloatVector shifts = hn::Set(d, shift);
  const FloatVector factors = hn::Set(d, factor);
  const auto scaled = [&](auto load, size_t i) HWY_ATTR {
    FloatVector x = hn::Mul(hn::Sub(load(in + i), shifts), factors);
    if constexpr (kWeight && kBias) {
      x = hn::MulAdd(x, load(weight + i), load(bias + i));
    } else if constexpr (kWeight) {
      x = hn::Mul(x, load(weight + i));
    } else if constexpr (kBias) {
      x = hn::Add(x, load(bias + i));
    }
    return x;
  };
  const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
  size_t i = 0;
  for (; i + lanes <= width; i += lanes) hn::StoreU(scaled(load, i), d, out + i);
  if (i < width) {
    const size_t rest = width - i;
    const auto load_rest = [&](const float* from) HWY_ATTR { return hn::LoadN(d, from, rest); };
    hn::StoreN(scaled(load_rest, i), d, out + i, rest);
  }
}

void scale_row(size_t width, const float* in, float shift, float factor, const float* weight,
               const float* bias, float* out) {
  if (weight != nullptr && bias != nullptr) {
    scale_row<true, true>(width, in, shift, factor, weight, bias, out);
  } else if (weight != nullptr) {
    scale_row<true, false>(width, in, shift, factor, weight, bias, out);
  } else if (bias != nullptr) {
    scale_row<false, true>(width, in, shift, factor, weight, bias, out);
  } else {
    scale_row<false, false>(width, in, shift, factor, weight, bias, out);
  }
}

void layer_norm(size_t rows, size_t width, const float* in, size_t in_stride, const float* weight,
                const float* bias, float epsilon, float* out, size_t out_stride) {
  const Floats d;
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    const float count = static_cast<float>(width);
    const float mean = sum_row(width, in, AddNumber{}) / count;
    const float variance = sum_row(width, in, AddSquaredDistance{hn::Set(d, mean)}) / count;
    scale_row(width, in, mean, 1 / std::sqrt(variance + epsilon), weight, bias, out);
  }
}

void rms_norm(size_t rows, size_t width, const float* in, size_t in_stride, const float* weight,
              const float* bias, float epsilon, float* out, size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    const float mean = sum_row(width, in, AddSquare{}) / static_cast<float>(width);
    scale_row(width, in, 0, 1 / std::sqrt(mean + epsilon), weight, bias, out);
  }
}

void l2_normalise(size_t rows, size_t width, const float* in, size_t in_stride, float epsilon, float* out,
                  size_t out_stride) {
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    const float norm = std::sqrt(sum_row(width, in, AddSquare{}));
    // A norm that is NaN is not below epsilon and stays.
    scale_row<false, false>(width, in, 0, 1 / (norm < epsilon ? epsilon : norm), nullptr, nullptr, out);
  }
}

void norms(size_t rows, size_t width, const float* in, size_t in_stride, float* out) {
  for (size_t row = 0; row < rows; ++row) {
    out[row] = std::sqrt(sum_row(width, in + row * in_stride, AddSquare{}));
  }
}

}  // namespace
}  // namespace weft::kernels
