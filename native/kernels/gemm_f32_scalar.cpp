// The oracle: float weights, sums in double, compiled without vectorisation, on every platform.
#include "kernels/gemm.h"
#include "kernels/gemm_scalar.h"

namespace weft::kernels {
namespace {

struct FloatWeights {
  using Stored = float;

  static Stored store(float weight) { return weight; }
  static double load(Stored weight) { return weight; }
};

}  // namespace

const Gemm gemm_f32_scalar = scalar_gemm<FloatWeights>();

}  // namespace weft::kernels
