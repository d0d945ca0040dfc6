// Float rows times bfloat16 weights: every ISA source includes it once. Everything here has internal linkage;
// it must not include anything but Highway, the signatures and sibling vector headers.
//
// A panel is [inputs][pair of vectors][lane][2]: the same lane of two neighbouring vectors of outputs shares
// one 32-bit word, the first in its lower half, so that a shift and a mask widen both.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/gemm.h"
#include "kernels/gemm_float_vector.h"

namespace weft::kernels {
namespace {

struct HalfWeights {
  static constexpr size_t kBytes = sizeof(uint16_t);

  template <size_t kVectors>
  static HWY_INLINE void load(const std::byte* weights, FloatVector* column) {
    static_assert(kVectors % 2 == 0);
    const Floats d;
    const hn::RebindToUnsigned<Floats> words;
    for (size_t v = 0; v < kVectors; v += 2) {
      const auto pairs = hn::Load(words, reinterpret_cast<const uint32_t*>(weights) + v / 2 * kLanes);
      column[v] = hn::BitCast(d, hn::ShiftLeft<16>(pairs));
      column[v + 1] = hn::BitCast(d, hn::And(pairs, hn::Set(words, 0xffff0000u)));
    }
  }
};

using Product = FloatProduct<HalfWeights>;

// To the nearest bfloat16, ties to even.
HWY_INLINE uint16_t round_to_half(float weight) {
  uint32_t bits;
  std::memcpy(&bits, &weight, sizeof(bits));
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

void pack_panel(const float* weights, size_t inputs, void* panel, void*) {
  constexpr size_t kWidth = panel_width<Product>();
  uint16_t* to = static_cast<uint16_t*>(panel);
  for (size_t input = 0; input < inputs; ++input) {
    for (size_t pair = 0; pair < kWidth; pair += 2 * kLanes) {
      for (size_t lane = 0; lane < kLanes; ++lane, to += 2) {
        to[0] = round_to_half(weights[input * kWidth + pair + lane]);
        to[1] = round_to_half(weights[input * kWidth + pair + kLanes + lane]);
      }
    }
  }
}

}  // namespace
}  // namespace weft::kernels
