// The block form of attention: all blocks of a piece go over one tile of keys before the next tile, so that
// keys and values are brought together in the cache once for all of them. Must not know how queries are
// chosen or shared between threads.
#pragma once

#include <cstddef>

#include "kernels/attention_f32.h"
#include "ops/attention_queries.h"
#include "ops/attention_stream.h"

namespace weft::ops {

constexpr size_t kMostBlocks = 8;

// Blocks of one piece, 1 to kMostBlocks: as many as stay in the second cache level.
size_t most_blocks(const kernels::AttentionF32& kernels, size_t head_size) noexcept;

// Scratch memory of one thread, for either form.
size_t attention_scratch_bytes(const kernels::AttentionF32& kernels, size_t head_size) noexcept;

// How many of `count` queries the block form should take, the first ones; row by row the rest, fewer than
// kMostRows, is cheaper.
size_t block_share(const kernels::AttentionF32& kernels, size_t head_size, size_t count) noexcept;

// What to leave in the out rows; `state` is filled for sums.
enum class Leave { averages, sums };

// All queries, at most most_blocks() blocks and a rest, over all keys of `run`.
void stream_piece(const StreamContext& context, const KeyRun& run, QueryRows& queries, Leave leave,
                  SoftmaxState& state) noexcept;

}  // namespace weft::ops
