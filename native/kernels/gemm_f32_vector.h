// Float rows times float weights: every ISA source includes it once. Everything here has internal linkage; it
// must not include anything but Highway, the signatures and sibling vector headers.
//
// A panel is [inputs][panel width] floats.
#include <cstddef>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_float_vector.h"

namespace weft::kernels {
namespace {

struct FloatWeights {
  static constexpr size_t kBytes = sizeof(float);

  template <size_t kVectors>
  static HWY_INLINE void load(const std::byte* weights, FloatVector* column) {
    const Floats d;
    for (size_t v = 0; v < kVectors; ++v)
      column[v] = hn::Load(d, reinterpret_cast<const float*>(weights) + v * kLanes);
  }
};

using Product = FloatProduct<FloatWeights>;

void pack_panel(const float* weights, size_t inputs, void* panel, void*) {
  std::memcpy(panel, weights, Product::panel_bytes(inputs));
}

}  // namespace
}  // namespace weft::kernels
