// Matrix products with bfloat16 weights for 64-bit ARM.
#include "kernels/gemm_bf16_vector.h"

static_assert(HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_NEON_WITHOUT_AES || HWY_TARGET == HWY_NEON_BF16,
              "the flags of this file do not give Highway a NEON target");

namespace weft::kernels {

const Gemm gemm_bf16_neon = {
    .panel_width = panel_width<Product>(),
    .tile_rows = Product::kTileRows,
    .block_work = kBlockWork,
    .packed_row_bytes = &packed_row_bytes<Product>,
    .pack_rows = &pack_float_rows<Product>,
    .panel_bytes = &Product::panel_bytes,
    .panel_scale_bytes = 0,
    .pack_panel = &pack_panel,
    .multiply = &multiply<Product>,
};

}  // namespace weft::kernels
