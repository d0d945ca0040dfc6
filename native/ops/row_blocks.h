// Cuts a loop over rows into blocks: large enough to pay for sharing them, small enough to balance the
// threads and to notice a cancellation. Must not know what happens to a row.
#pragma once

#include <cstddef>

#include "core/function_ref.h"
#include "core/team.h"

namespace weft::ops {

// Numbers read per block: 64 KiB, some microseconds of work.
constexpr size_t kRowBlockNumbers = size_t{1} << 14;

// Runs body(first, count) over all rows, in parallel; blocks not yet begun are left out once the team is
// cancelled. `numbers`: how many numbers one row costs.
void for_row_blocks(Team& team, size_t rows, size_t numbers,
                    FunctionRef<void(size_t first, size_t count)> body) noexcept;

}  // namespace weft::ops
