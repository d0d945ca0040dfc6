// Row kernels for AVX-512 (F, BW, CD, DQ, VL), 16 floats at a time.
#include "kernels/rows_activation_vector.h"
#include "kernels/rows_argmax_vector.h"
#include "kernels/rows_combine_vector.h"
#include "kernels/rows_dots_vector.h"
#include "kernels/rows_norm_vector.h"
#include "kernels/rows_rotary_vector.h"
#include "kernels/rows_softmax_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const RowsF32 rows_f32_avx512 = {&layer_norm, &rms_norm,     &l2_normalise, &norms,   &dots,
                                 &half_dots,  &widen_halves, &argmax,       &softmax, &activate,
                                 &add_scaled, &multiply,     &rotate};

}  // namespace weft::kernels
