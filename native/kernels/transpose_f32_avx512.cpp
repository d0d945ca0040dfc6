// Transposition for AVX-512 (F, BW, CD, DQ, VL), 16 floats at a time.
#include "kernels/transpose_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const TransposeF32 transpose_f32_avx512 = {&transpose};

}  // namespace weft::kernels
