// See ops/attention_stream.h.
#include "ops/attention_stream.h"

#include <algorithm>
#include <limits>

namespace weft::ops {
namespace {

using kernels::kMostQueryVectors;
using kernels::ScoreTerms;

// Scores of one tile of the block form, 18 KiB: with the accumulators and the queries of a head of 64 they
// fill the first cache level.
constexpr size_t kBlockScores = 4608;
// Keys of one tile of the row form.
constexpr size_t kRowTile = 256;
// Key counts of a tile are multiples of this where they can be: what the kernels take at once.
constexpr size_t kKeyStep = 8;

constexpr float kLowest = -std::numeric_limits<float>::infinity();

// Nothing to divide: no key was seen.
float inverse(float sum) { return sum == 0.0f ? 0.0f : 1.0f / sum; }

// Calls visit(tile) for tiles of nearly equal size until the team is cancelled.
template <typename Visit>
void for_each_tile(const Team& team, KeyRange range, size_t most_keys, Visit visit) {
  const size_t keys = range.end - range.begin;
  const size_t tiles = (keys + most_keys - 1) / most_keys;
  const size_t even = (keys + tiles - 1) / tiles;
  const size_t step = std::min(most_keys, (even + kKeyStep - 1) / kKeyStep * kKeyStep);
  for (size_t begin = range.begin; begin < range.end; begin += step) {
    if (team.is_cancelled()) return;
    visit(KeyRange{begin, std::min(begin + step, range.end)});
  }
}

}  // namespace

size_t attention_scratch_bytes(const kernels::AttentionF32& kernels, size_t head_size) noexcept {
  const size_t columns = kMostQueryVectors * kernels.lanes;
  const size_t block = (2 * head_size + 3) * columns + kBlockScores;
  const size_t rows = kMostPieceQueries * kRowTile;
  return std::max(block, rows) * sizeof(float);
}

size_t block_share(const kernels::AttentionF32& kernels, size_t head_size, size_t count) noexcept {
  const size_t rest = count % kernels.lanes;
  // Vector operations per key: the block form takes two multiply-adds for each element of the head, the row
  // form two for each vector of it and about 5 more to sum across lanes, for every query.
  const size_t row_cost = rest * (2 * ((head_size + kernels.lanes - 1) / kernels.lanes) + 5);
  return row_cost < 2 * head_size ? count - rest : count;
}

void stream_block(const StreamContext& context, const KeyRun& run, QueryRows& queries, size_t count,
                  Leave leave, SoftmaxState& state) noexcept {
  const kernels::AttentionF32& kernels = context.kernels;
  const size_t head_size = context.head_size;
  const size_t columns = (count + kernels.lanes - 1) / kernels.lanes * kernels.lanes;
  float* const packed = context.scratch;
  float* const totals = packed + head_size * columns;
  float* const scores = totals + head_size * columns;
  float* const maxima = scores + kBlockScores;
  float* const sums = maxima + columns;
  float* const factors = sums + columns;
  std::fill_n(maxima, columns, kLowest);
  std::fill_n(sums, columns, 0.0f);

  pad_queries(queries, columns);
  kernels.block_pack(queries.rows, count, columns, head_size, context.scale, packed);
  KeyRange ranges[2];
  const size_t range_count = visible_ranges(queries, 0, count, run.count, ranges);
  bool begun = false;
  for (size_t range = 0; range < range_count; ++range) {
    for_each_tile(
        context.team, ranges[range], kBlockScores / columns / kKeyStep * kKeyStep, [&](KeyRange tile) {
          const size_t keys = tile.end - tile.begin;
          kernels.block_scores(packed, columns, head_size, run.keys + tile.begin * run.key_stride,
                               run.key_stride, keys, scores);
          const ScoreTerms terms = score_terms(queries, 0, count, tile);
          if (has_terms(terms)) kernels.block_terms(terms, tile.begin, keys, columns, scores);
          kernels.block_weigh(keys, columns, scores, maxima, sums, factors);
          kernels.block_accumulate(scores, columns, keys, run.values + tile.begin * run.value_stride,
                                   run.value_stride, head_size, begun ? factors : nullptr, totals);
          begun = true;
        });
  }
  if (!begun) std::fill_n(totals, head_size * columns, 0.0f);
  if (leave == Leave::sums) {
    std::copy_n(maxima, count, state.maxima);
    std::copy_n(sums, count, state.sums);
    std::fill_n(factors, columns, 1.0f);
  } else {
    std::transform(sums, sums + columns, factors, inverse);
  }
  kernels.block_store(totals, columns, head_size, factors, count, queries.out);
}

void stream_rows(const StreamContext& context, const KeyRun& run, const QueryRows& queries, size_t from,
                 size_t to, bool begun, SoftmaxState& state) noexcept {
  const kernels::AttentionF32& kernels = context.kernels;
  const size_t count = to - from;
  float* const scores = context.scratch;
  float factors[kMostPieceQueries];
  if (!begun) {
    std::fill_n(state.maxima + from, count, kLowest);
    std::fill_n(state.sums + from, count, 0.0f);
  }
  KeyRange ranges[2];
  const size_t range_count = visible_ranges(queries, from, to, run.count, ranges);
  for (size_t range = 0; range < range_count; ++range) {
    for_each_tile(context.team, ranges[range], kRowTile, [&](KeyRange tile) {
      const size_t keys = tile.end - tile.begin;
      kernels.row_scores(queries.rows + from, count, context.head_size, context.scale,
                         run.keys + tile.begin * run.key_stride, run.key_stride, keys, scores, kRowTile);
      const ScoreTerms terms = score_terms(queries, from, to, tile);
      for (size_t row = 0; row < count; ++row) {
        float* const own = scores + row * kRowTile;
        if (has_terms(terms)) kernels.row_terms(terms, row, tile.begin, keys, own);
        factors[row] = kernels.row_weigh(keys, own, state.maxima + from + row, state.sums + from + row);
      }
      kernels.row_accumulate(scores, kRowTile, count, keys, run.values + tile.begin * run.value_stride,
                             run.value_stride, context.head_size, begun ? factors : nullptr,
                             queries.out + from);
      begun = true;
    });
  }
  if (!begun) {
    for (size_t row = from; row < to; ++row) std::fill_n(queries.out[row], context.head_size, 0.0f);
  }
}

void finish_rows(const StreamContext& context, const QueryRows& queries, size_t from, size_t to,
                 const SoftmaxState& state) noexcept {
  float factors[kMostPieceQueries];
  std::transform(state.sums + from, state.sums + to, factors, inverse);
  context.kernels.row_accumulate(nullptr, 0, to - from, 0, nullptr, 0, context.head_size, factors,
                                 queries.out + from);
}

}  // namespace weft::ops
