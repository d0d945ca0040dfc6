// Moving numbers without computing: rows gathered by index, tensors side by side, axes in another order.
// Results do not overlap what is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/status.h"
#include "core/team.h"
#include "dispatch/kernel_table.h"

namespace weft::ops {

// A row of zeros, among indices of gather_rows.
constexpr int32_t kNoRow = -1;
// Most axes of permute_axes.
constexpr size_t kMostAxes = 16;

// out[i] = in[indices[i]], rows of `width` numbers without gaps. invalid_argument for an index that is
// neither kNoRow nor below `rows`.
Status gather_rows(Team& team, size_t rows, size_t width, const float* in, std::span<const int32_t> indices,
                   float* out) noexcept;

// One of the tensors that concat() puts side by side: rows of `width` numbers without gaps.
struct ConcatPart {
  const float* rows = nullptr;
  size_t width = 0;
};

// Each of `rows` rows of `out` holds that row of every part, one after the other.
void concat(Team& team, size_t rows, std::span<const ConcatPart> parts, float* out) noexcept;

// Axis i of `out` is axis axes[i] of `in`, whose sides are `shape`. invalid_argument when `axes` is no
// permutation or has more than kMostAxes.
Status permute_axes(Team& team, const dispatch::KernelTable& table, std::span<const size_t> shape,
                    std::span<const size_t> axes, const float* in, float* out) noexcept;

}  // namespace weft::ops
