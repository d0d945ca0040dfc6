// Attention for AVX-512 (F, BW, CD, DQ, VL), blocks of up to 48 queries.
#include "kernels/attention_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const AttentionF32 attention_f32_avx512 = kVectorKernels;

}  // namespace weft::kernels
