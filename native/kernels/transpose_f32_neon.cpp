// Transposition for 64-bit ARM, 4 floats at a time.
#include "kernels/transpose_f32_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const TransposeF32 transpose_f32_neon = {&transpose};

}  // namespace weft::kernels
