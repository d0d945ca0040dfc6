// 8-bit matrix products for AVX-512 (F, BW, CD, DQ, VL).
#include "kernels/gemm_i8_vector.h"

static_assert(HWY_TARGET == HWY_AVX3, "the flags of this file do not give Highway its avx512 target");

namespace weft::kernels {

const Gemm gemm_i8_avx512 = {
    .panel_width = panel_width<Product>(),
    .tile_rows = Product::kTileRows,
    .block_work = kBlockWork,
    .packed_row_bytes = &packed_row_bytes<Product>,
    .pack_rows = &pack_rows,
    .panel_bytes = &Product::panel_bytes,
    .panel_scale_bytes = sizeof(PanelScales),
    .pack_panel = &pack_panel,
    .multiply = &multiply<Product>,
};

}  // namespace weft::kernels
