// Sums and products of two rows of numbers on vectors of any width. Included by rows_f32_<isa>.cpp only;
// everything has internal linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/rows_f32.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <typename Combine>
HWY_INLINE void combine(size_t count, const float* a, const float* b, float* out, Combine two) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(two(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  }
  if (i < count) {
    const size_t rest = count - i;
    hn::StoreN(two(hn::LoadN(d, a + i, rest), hn::LoadN(d, b + i, rest)), d, out + i, rest);
  }
}

void add_scaled(size_t count, const float* a, const float* b, float scale, float* out) {
  const hn::ScalableTag<float> d;
  using Vector = hn::Vec<decltype(d)>;
  const Vector factor = hn::Set(d, scale);
  combine(count, a, b, out, [factor](Vector x, Vector y) HWY_ATTR { return hn::MulAdd(y, factor, x); });
}

void multiply(size_t count, const float* a, const float* b, float* out) {
  using Vector = hn::Vec<hn::ScalableTag<float>>;
  combine(count, a, b, out, [](Vector x, Vector y) HWY_ATTR { return hn::Mul(x, y); });
}

}  // namespace
}  // namespace weft::kernels
