// A loop over tiles whose working memory outlives calls to other operators: thread_scratch() belongs to
// whoever asked last, so tiles that call ops::gemm bring their own.
#pragma once

#include <cstddef>

#include "core/function_ref.h"
#include "core/status.h"
#include "core/team.h"

namespace weft::ops {

// Runs body(tile, slot) for every tile below `tiles`, in parallel; `slot` has `slot_floats` floats aligned to
// 64 bytes that no other body uses meanwhile. Tiles not yet begun are left out after a failure and once the
// team is cancelled. Returns the first failure, cancelled or out_of_memory.
Status for_tiles(Team& team, size_t tiles, size_t slot_floats,
                 FunctionRef<Status(size_t tile, float* slot)> body) noexcept;

}  // namespace weft::ops
