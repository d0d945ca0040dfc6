// Depthwise convolution for AVX2, 8 floats at a time.
#include "kernels/depthwise_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX2, "the flags of this file do not give Highway its avx2 target");

namespace weft::kernels {

const DepthwiseF32 depthwise_f32_avx2 = {&planes, &pixels, &pick};

}  // namespace weft::kernels
