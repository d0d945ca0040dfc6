// Activations of rows on vectors of any width. Included by rows_f32_<isa>.cpp only; everything has internal
// linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/activation_vector.h"
#include "kernels/rows_f32.h"
#include "kernels/rows_fold_vector.h"

namespace weft::kernels {
namespace {

template <Activation kActivation>
void activate_rows(size_t rows, size_t width, const float* in, size_t in_stride, float* out,
                   size_t out_stride) {
  const Floats d;
  const size_t lanes = hn::Lanes(d);
  for (size_t row = 0; row < rows; ++row, in += in_stride, out += out_stride) {
    size_t i = 0;
    for (; i + lanes <= width; i += lanes) {
      hn::StoreU(activate_vector<kActivation>(d, hn::LoadU(d, in + i)), d, out + i);
    }
    if (i < width) {
      const size_t rest = width - i;
      hn::StoreN(activate_vector<kActivation>(d, hn::LoadN(d, in + i, rest)), d, out + i, rest);
    }
  }
}

void activate(Activation activation, size_t rows, size_t width, const float* in, size_t in_stride, float* out,
              size_t out_stride) {
  switch (activation) {
    case Activation::none:
      return activate_rows<Activation::none>(rows, width, in, in_stride, out, out_stride);
    case Activation::relu:
      return activate_rows<Activation::relu>(rows, width, in, in_stride, out, out_stride);
    case Activation::gelu:
      return activate_rows<Activation::gelu>(rows, width, in, in_stride, out, out_stride);
    case Activation::gelu_tanh:
      return activate_rows<Activation::gelu_tanh>(rows, width, in, in_stride, out, out_stride);
    case Activation::quick_gelu:
      return activate_rows<Activation::quick_gelu>(rows, width, in, in_stride, out, out_stride);
    case Activation::silu:
      return activate_rows<Activation::silu>(rows, width, in, in_stride, out, out_stride);
    case Activation::tanh:
      return activate_rows<Activation::tanh>(rows, width, in, in_stride, out, out_stride);
    case Activation::sigmoid:
      return activate_rows<Activation::sigmoid>(rows, width, in, in_stride, out, out_stride);
  }
}

}  // namespace
}  // namespace weft::kernels
