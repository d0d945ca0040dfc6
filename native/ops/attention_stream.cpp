// See ops/attention_stream.h.
#include "ops/attention_stream.h"

#include <limits>

namespace weft::ops {
namespace {

// Keys of one tile of the row form.
constexpr size_t kRowTile = 256;
static_assert(kMostRows * kRowTile <= kTileScores);

}  // namespace

void begin_rows(size_t from, size_t to, SoftmaxState& state) noexcept {
  std::fill(state.maxima + from, state.maxima + to, -std::numeric_limits<float>::infinity());
  std::fill(state.sums + from, state.sums + to, 0.0f);
}

void stream_row_tile(const StreamContext& context, const KeyRun& run, size_t first_key, KeyRange tile,
                     const QueryRows& queries, const Visibility& rows, bool begun, float* scores,
                     SoftmaxState& state) noexcept {
  const size_t from = rows.from;
  const size_t count = rows.to - from;
  const kernels::AttentionF32& kernels = context.kernels;
  const size_t keys = tile.end - tile.begin;
  const size_t at = tile.begin - first_key;
  kernels.row_scores(queries.rows + from, count, context.head_size, context.scale,
                     run.keys + at * run.key_stride, run.key_stride, keys, scores, keys);
  const kernels::ScoreTerms terms = score_terms(queries, rows, tile);
  float factors[kMostRows];
  for (size_t row = 0; row < count; ++row) {
    float* const own = scores + row * keys;
    if (has_terms(terms)) kernels.row_terms(terms, row, tile.begin, keys, own);
    factors[row] = kernels.row_weigh(keys, own, state.maxima + from + row, state.sums + from + row);
  }
  kernels.row_accumulate(scores, keys, count, keys, run.values + at * run.value_stride, run.value_stride,
                         context.head_size, begun ? factors : nullptr, queries.out + from);
}

void stream_rows(const StreamContext& context, const KeyRun& run, const QueryRows& queries, size_t from,
                 size_t to, bool begun, SoftmaxState& state) noexcept {
  if (!begun) begin_rows(from, to, state);
  for (size_t first = from; first < to; first += kMostRows) {
    const size_t last = std::min(first + kMostRows, to);
    bool holds = begun;
    const Visibility rows = visibility_of(queries, first, last, run.count);
    for (size_t range = 0; range < rows.range_count; ++range) {
      for_each_tile(context.team, rows.ranges[range], kRowTile, [&](KeyRange tile) {
        stream_row_tile(context, run, 0, tile, queries, rows, holds, context.scratch, state);
        holds = true;
      });
    }
    if (holds) continue;
    for (size_t row = first; row < last; ++row) std::fill_n(queries.out[row], context.head_size, 0.0f);
  }
}

void finish_rows(const StreamContext& context, const QueryRows& queries, size_t from, size_t to,
                 const SoftmaxState& state) noexcept {
  for (size_t first = from; first < to; first += kMostRows) {
    const size_t last = std::min(first + kMostRows, to);
    float factors[kMostRows];
    std::transform(state.sums + first, state.sums + last, factors, inverse_of);
    context.kernels.row_accumulate(nullptr, 0, last - first, 0, nullptr, 0, context.head_size, factors,
                                   queries.out + first);
  }
}

}  // namespace weft::ops
