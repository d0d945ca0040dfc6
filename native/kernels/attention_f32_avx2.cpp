// Attention for AVX2, blocks of up to 24 queries.
#include "kernels/attention_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX2, "the flags of this file do not give Highway its avx2 target");

namespace weft::kernels {

const AttentionF32 attention_f32_avx2 = kVectorKernels;

}  // namespace weft::kernels
