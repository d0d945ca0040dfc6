// The oracle: bfloat16 weights, sums in double, compiled without vectorisation, on every platform.
#include <cstdint>
#include <cstring>

#include "kernels/gemm.h"
#include "kernels/gemm_scalar.h"

namespace weft::kernels {
namespace {

struct HalfWeights {
  using Stored = uint16_t;

  static Stored store(float weight) {
    uint32_t bits;
    std::memcpy(&bits, &weight, sizeof(bits));
    // To the nearest, ties to even.
    return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
  }
  static double load(Stored weight) {
    const uint32_t bits = static_cast<uint32_t>(weight) << 16;
    float number;
    std::memcpy(&number, &bits, sizeof(number));
    return number;
  }
};

}  // namespace

const Gemm gemm_bf16_scalar = scalar_gemm<HalfWeights>();

}  // namespace weft::kernels
