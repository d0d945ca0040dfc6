// Pictures from one layout to the other: a transposition per picture.
#pragma once

#include <cstddef>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"
#include "ops/convolution_shape.h"

namespace weft::ops {

// in: `batch` pictures of `pixels` pixels and `channels` channels in layout `from`; out: the same in the
// other one. Must not overlap. cancelled.
Status change_layout(Team& team, const dispatch::KernelTable& table, size_t batch, size_t channels,
                     size_t pixels, ImageLayout from, const float* in, float* out) noexcept;

}  // namespace weft::ops
