// Two tensors number by number, and means along an axis.
#pragma once

#include <cstddef>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

// out = a + scale * b over `count` numbers; b has `period` of them and begins anew after each period.
// invalid_argument when `period` does not divide `count`.
Status add_numbers(Team& team, const dispatch::KernelTable& table, size_t count, const float* a,
                   size_t period, const float* b, float scale, float* out) noexcept;

// out = a * b, in the same way.
Status multiply_numbers(Team& team, const dispatch::KernelTable& table, size_t count, const float* a,
                        size_t period, const float* b, float* out) noexcept;

// `in` is [outer, along, inner]; out [outer, inner] is the mean over `along`, summed in double.
// invalid_argument for a mean of nothing.
Status mean_axis(Team& team, size_t outer, size_t along, size_t inner, const float* in, float* out) noexcept;

}  // namespace weft::ops
