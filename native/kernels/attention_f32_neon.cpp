// Attention for 64-bit ARM, blocks of up to 12 queries.
#include "kernels/attention_f32_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const AttentionF32 attention_f32_neon = kVectorKernels;

}  // namespace weft::kernels
