// Runs queries over their keys tile by tile, keeping only the softmax's running state: what both forms share,
// and the row form. Must not know how queries are chosen or shared between threads.
#pragma once

#include <algorithm>
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

// Scores of one tile, 18 KiB: with the queries and the sums of a block of heads of 64 they fill the first
// cache level.
constexpr size_t kTileScores = 4608;

// Nothing to divide: no key was seen.
inline float inverse_of(float sum) { return sum == 0.0f ? 0.0f : 1.0f / sum; }

// Cuts `range` into tiles of nearly equal size and calls visit(tile) until the team is cancelled.
template <typename Visit>
void for_each_tile(const Team& team, KeyRange range, size_t most_keys, Visit visit) {
  // What the kernels take at once: tiles have a multiple of it where they can.
  constexpr size_t kKeyStep = 8;
  const size_t keys = range.end - range.begin;
  const size_t tiles = (keys + most_keys - 1) / most_keys;
  const size_t even = (keys + tiles - 1) / tiles;
  const size_t step = std::min(most_keys, (even + kKeyStep - 1) / kKeyStep * kKeyStep);
  for (size_t begin = range.begin; begin < range.end; begin += step) {
    if (team.is_cancelled()) return;
    visit(KeyRange{begin, std::min(begin + step, range.end)});
  }
}

// Begins the softmax of queries [from, to): no key yet, out rows undefined.
void begin_rows(size_t from, size_t to, SoftmaxState& state) noexcept;

// Adds the keys of `tile` to the queries of `rows`, at most kMostRows, in the row form; the first key of
// `run` has number first_key. `begun`: out rows hold sums over other keys. scores: kTileScores floats.
constexpr size_t kMostRows = 17;
void stream_row_tile(const StreamContext& context, const KeyRun& run, size_t first_key, KeyRange tile,
                     const QueryRows& queries, const Visibility& rows, bool begun, float* scores,
                     SoftmaxState& state) noexcept;

// Queries [from, to) over all keys of `run` in the row form, continuing sums over other keys when `begun`.
void stream_rows(const StreamContext& context, const KeyRun& run, const QueryRows& queries, size_t from,
                 size_t to, bool begun, SoftmaxState& state) noexcept;

// Turns the sums in the out rows of [from, to) into averages.
void finish_rows(const StreamContext& context, const QueryRows& queries, size_t from, size_t to,
                 const SoftmaxState& state) noexcept;

}  // namespace weft::ops
