// Depthwise convolution for AVX-512 (F, BW, CD, DQ, VL), 16 floats at a time.
#include "kernels/depthwise_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const DepthwiseF32 depthwise_f32_avx512 = {&planes, &pixels, &pick};

}  // namespace weft::kernels
