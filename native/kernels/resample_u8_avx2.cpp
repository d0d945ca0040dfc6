// 8-bit resampling for AVX2, two rows or 32 bytes at a time.
#include "kernels/resample_u8_vector.h"

static_assert(HWY_TARGET == HWY_AVX2, "the flags of this file do not give Highway its avx2 target");

namespace weft::kernels {

const ResampleU8 resample_u8_avx2 = {&horizontal, &vertical};

}  // namespace weft::kernels
