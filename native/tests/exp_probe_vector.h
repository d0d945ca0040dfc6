// The body of exp_probe_<isa>.cpp.
#include "exp_probe.h"
#include "kernels/exp_vector.h"

namespace weft::tests {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;

void exp_all(const float* in, float* out, size_t count) {
  const Floats floats;
  for (size_t at = 0; at < count; at += hn::Lanes(floats)) {
    const auto x = hn::LoadN(floats, in + at, count - at);
    hn::StoreN(kernels::exp_vector(floats, x), floats, out + at, count - at);
  }
}

void exp2_nonpositive_all(const float* in, float* out, size_t count) {
  const Floats floats;
  for (size_t at = 0; at < count; at += hn::Lanes(floats)) {
    const auto x = hn::LoadN(floats, in + at, count - at);
    hn::StoreN(kernels::exp2_nonpositive_vector(floats, x), floats, out + at, count - at);
  }
}

}  // namespace
}  // namespace weft::tests
