// Shares the queries of an attention problem between the threads of a team. Must not know what a piece
// computes.
#pragma once

#include <cstddef>

#include "core/function_ref.h"
#include "core/status.h"
#include "core/team.h"
#include "ops/attention_stream.h"

namespace weft::ops {

// Queries [from, to) of one group, which all read the same keys.
struct Piece {
  size_t group;
  size_t from;
  size_t to;
};

// Cuts `groups` groups of `queries` queries into pieces of at most most_blocks() whole blocks, a rest that
// goes row by row joined to the last, and runs body(context, piece) for each on some thread. `work`:
// multiply-adds of the whole problem. out_of_memory or cancelled when some piece did not run.
Status for_each_piece(Team& team, const kernels::AttentionF32& kernels, size_t head_size, float scale,
                      size_t groups, size_t queries, double work,
                      FunctionRef<void(const StreamContext&, const Piece&)> body) noexcept;

}  // namespace weft::ops
