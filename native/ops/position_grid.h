// Learned 2-D positions on another grid than the one they were trained on.
#pragma once

#include <cstddef>

#include "core/team.h"
#include "ops/interpolation_taps.h"

namespace weft::ops {

// PyTorch's interpolate(align_corners=False, antialias=False) of [height, width, channels] numbers. All in
// float, as PyTorch does it.
void resize_position_grid(Team& team, Interpolation interpolation, const float* in, size_t in_height,
                          size_t in_width, size_t channels, float* out, size_t out_height,
                          size_t out_width) noexcept;

}  // namespace weft::ops
