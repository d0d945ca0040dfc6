// Float matrix products for AVX2.
#include "kernels/gemm_f32_vector.h"

static_assert(HWY_TARGET == HWY_AVX2, "the flags of this file do not give Highway its avx2 target");

namespace weft::kernels {

const Gemm gemm_f32_avx2 = {
    .panel_width = kPanelWidth,
    .tile_rows = kTileRows,
    .block_work = kBlockWork,
    .packed_row_bytes = &packed_row_bytes,
    .pack_rows = &pack_rows,
    .panel_bytes = &panel_bytes,
    .panel_scale_bytes = 0,
    .pack_panel = &pack_panel,
    .multiply = &multiply,
};

}  // namespace weft::kernels
