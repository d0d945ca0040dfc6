// Runs the queries of one piece over their keys tile by tile, keeping only the softmax's running state. Must
// not know how queries are chosen or shared between threads.
#pragma once

#include <cstddef>

#include "core/team.h"
#include "kernels/attention_f32.h"
#include "ops/attention_queries.h"

namespace weft::ops {

// What all pieces of one call share. scale: times log2(e), as the kernels take it. scratch: this thread's,
// attention_scratch_bytes() of it.
struct StreamContext {
  const kernels::AttentionF32& kernels;
  const Team& team;
  size_t head_size;
  float scale;
  float* scratch;
};

// The online softmax of the queries of a piece: their out rows hold sums of 2^(score - maximum) * value, not
// yet divided by `sums`.
struct SoftmaxState {
  float maxima[kMostPieceQueries];
  float sums[kMostPieceQueries];
};

size_t attention_scratch_bytes(const kernels::AttentionF32& kernels, size_t head_size) noexcept;

// How many of `count` queries the block form should take, the first ones; row by row the rest is cheaper.
size_t block_share(const kernels::AttentionF32& kernels, size_t head_size, size_t count) noexcept;

// What to leave in the out rows.
enum class Leave { averages, sums };

// The first `count` queries in the block form, at most kMostQueryVectors * lanes. Leave::sums fills `state`.
void stream_block(const StreamContext& context, const KeyRun& run, QueryRows& queries, size_t count,
                  Leave leave, SoftmaxState& state) noexcept;

// Queries [from, to) in the row form, leaving sums; `begun` says that state and out rows hold sums over other
// keys, which are continued.
void stream_rows(const StreamContext& context, const KeyRun& run, const QueryRows& queries, size_t from,
                 size_t to, bool begun, SoftmaxState& state) noexcept;

// Turns the sums in the out rows of [from, to) into averages.
void finish_rows(const StreamContext& context, const QueryRows& queries, size_t from, size_t to,
                 const SoftmaxState& state) noexcept;

}  // namespace weft::ops
