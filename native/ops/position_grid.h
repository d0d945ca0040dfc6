// Learned 2-D positions on another grid than the one they were trained on.
#pragma once

#include <cstddef>

#include "core/team.h"

namespace weft::ops {

// PyTorch's interpolate(mode="bicubic", align_corners=False, antialias=False) of [height, width, channels]
// numbers: Keys' kernel (1981) with a = -0.75, half-pixel centres, borders repeated. All in float, as PyTorch
// does it.
void resize_position_grid(Team& team, const float* in, size_t in_height, size_t in_width, size_t channels,
                          float* out, size_t out_height, size_t out_width) noexcept;

}  // namespace weft::ops
