// Throughput loops for AVX-512 (F, BW, CD, DQ, VL), 16 floats at a time.
#include "kernels/throughput_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const ThroughputF32 throughput_f32_avx512 = {&multiply_adds, 2 * kThroughputChains* HWY_LANES(float), &read};

}  // namespace weft::kernels
