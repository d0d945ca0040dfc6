// Throughput loops for AVX2, 8 floats at a time.
#include "kernels/throughput_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX2, "the flags of this file do not give Highway its avx2 target");

namespace weft::kernels {

const ThroughputF32 throughput_f32_avx2 = {&multiply_adds, 2 * kThroughputChains* HWY_LANES(float), &read};

}  // namespace weft::kernels
