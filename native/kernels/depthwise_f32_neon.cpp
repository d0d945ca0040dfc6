// Depthwise convolution for 64-bit ARM, 4 floats at a time.
#include "kernels/depthwise_f32_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const DepthwiseF32 depthwise_f32_neon = {&planes, &pixels, &pick};

}  // namespace weft::kernels
