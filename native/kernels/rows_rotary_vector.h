// Rotary positions on vectors of any width. Included by rows_f32_<isa>.cpp only; everything has internal
// linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/rows_f32.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <typename Load, typename Store>
HWY_INLINE void rotate_vector(Load load, Store store, const float* cosines, const float* sines, float* first,
                              float* second) {
  const auto a = load(first);
  const auto b = load(second);
  const auto cosine = load(cosines);
  const auto sine = load(sines);
  store(hn::NegMulAdd(b, sine, hn::Mul(a, cosine)), first);
  store(hn::MulAdd(a, sine, hn::Mul(b, cosine)), second);
}

void rotate(size_t rows, size_t heads, size_t head_size, size_t half, const float* cosines,
            const float* sines, float* data, size_t row_stride) {
  const hn::ScalableTag<float> d;
  using Vector = hn::Vec<decltype(d)>;
  const size_t lanes = hn::Lanes(d);
  const size_t whole = half / lanes * lanes;
  const size_t rest = half - whole;
  const auto load = [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); };
  const auto store = [&](Vector x, float* to) HWY_ATTR { hn::StoreU(x, d, to); };
  const auto load_rest = [&](const float* from) HWY_ATTR { return hn::LoadN(d, from, rest); };
  const auto store_rest = [&](Vector x, float* to) HWY_ATTR { hn::StoreN(x, d, to, rest); };
  for (size_t row = 0; row < rows; ++row, data += row_stride, cosines += half, sines += half) {
    for (size_t head = 0; head < heads; ++head) {
      float* first = data + head * head_size;
      float* second = first + half;
      for (size_t i = 0; i < whole; i += lanes) {
        rotate_vector(load, store, cosines + i, sines + i, first + i, second + i);
      }
      if (rest != 0) {
        rotate_vector(load_rest, store_rest, cosines + whole, sines + whole, first + whole, second + whole);
      }
    }
  }
}

}  // namespace
}  // namespace weft::kernels
