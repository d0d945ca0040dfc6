// 8-bit resampling for 64-bit ARM, one row or 16 bytes at a time.
#include "kernels/resample_u8_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const ResampleU8 resample_u8_neon = {&horizontal, &vertical};

}  // namespace weft::kernels
