// 8-bit matrix products for AVX-512 with VNNI.
#include "kernels/gemm_i8_vector.h"

static_assert(HWY_TARGET == HWY_AVX3_DL, "the flags of this file do not give Highway its AVX3_DL target");

namespace weft::kernels {

const Gemm gemm_i8_avx512vnni = {
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
