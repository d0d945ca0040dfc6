// 8-bit matrix products for 64-bit ARM.
#include "kernels/gemm_i8_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const Gemm gemm_i8_neon = {
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
