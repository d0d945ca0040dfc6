// Throughput loops for 64-bit ARM, 4 floats at a time.
#include "kernels/throughput_f32_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const ThroughputF32 throughput_f32_neon = {&multiply_adds, 2 * kThroughputChains* HWY_LANES(float), &read};

}  // namespace weft::kernels
