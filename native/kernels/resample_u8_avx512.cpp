// 8-bit resampling for AVX-512 (F, BW, CD, DQ, VL), four rows or 64 bytes at a time.
#include "kernels/resample_u8_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const ResampleU8 resample_u8_avx512 = {&horizontal, &vertical};

}  // namespace weft::kernels
