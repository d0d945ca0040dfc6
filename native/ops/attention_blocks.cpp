// See ops/attention_blocks.h.
#include "ops/attention_blocks.h"

#include <algorithm>
#include <limits>

namespace weft::ops {
namespace {

using kernels::kMostQueryVectors;
using kernels::ScoreTerms;

constexpr size_t kBlocksMemory = 256 * 1024;

// One block: the queries of `seen` in `columns` columns.
struct Block {
  Visibility seen;
  size_t columns;
  float* queries;  // [head_size][columns]
  float* totals;   // [head_size][columns]
  float* maxima;   // [columns], as the two following
  float* sums;
  float* factors;
  bool begun;
};

size_t most_columns(const kernels::AttentionF32& kernels) { return kMostQueryVectors * kernels.lanes; }

size_t block_floats(const kernels::AttentionF32& kernels, size_t head_size) {
  return (2 * head_size + 3) * most_columns(kernels);
}

// Keys of a tile for blocks of `columns` columns.
size_t tile_keys(size_t columns) { return kTileScores / columns / 8 * 8; }

void begin_block(const StreamContext& context, QueryRows& queries, size_t from, size_t count,
                 size_t key_count, float* memory, Block& block) {
  const size_t lanes = context.kernels.lanes;
  const size_t columns = (count + lanes - 1) / lanes * lanes;
  float* const totals = memory + context.head_size * columns;
  float* const maxima = totals + context.head_size * columns;
  block = {.seen = visibility_of(queries, from, from + count, key_count),
           .columns = columns,
           .queries = memory,
           .totals = totals,
           .maxima = maxima,
           .sums = maxima + columns,
           .factors = maxima + 2 * columns,
           .begun = false};
  std::fill_n(block.maxima, columns, -std::numeric_limits<float>::infinity());
  std::fill_n(block.sums, columns, 0.0f);
  pad_queries(queries, from + columns);
  context.kernels.block_pack(queries.rows + from, columns, context.head_size, context.scale, block.queries);
}

// Adds the keys of `tile` to the block; the first key of `run` has number first_key.
void stream_block_tile(const StreamContext& context, const KeyRun& run, size_t first_key, KeyRange tile,
                       const QueryRows& queries, float* scores, Block& block) {
  const kernels::AttentionF32& kernels = context.kernels;
  const size_t keys = tile.end - tile.begin;
  const size_t at = tile.begin - first_key;
  kernels.block_scores(block.queries, block.columns, context.head_size, run.keys + at * run.key_stride,
                       run.key_stride, keys, scores);
  const ScoreTerms terms = score_terms(queries, block.seen, tile);
  if (has_terms(terms)) kernels.block_terms(terms, tile.begin, keys, block.columns, scores);
  kernels.block_weigh(keys, block.columns, scores, block.maxima, block.sums, block.factors);
  kernels.block_accumulate(scores, block.columns, keys, run.values + at * run.value_stride, run.value_stride,
                           context.head_size, block.begun ? block.factors : nullptr, block.totals);
  block.begun = true;
}

void finish_block(const StreamContext& context, const QueryRows& queries, Leave leave, Block& block,
                  SoftmaxState& state) {
  const size_t from = block.seen.from;
  const size_t count = block.seen.to - from;
  if (!block.begun) std::fill_n(block.totals, context.head_size * block.columns, 0.0f);
  if (leave == Leave::sums) {
    std::copy_n(block.maxima, count, state.maxima + from);
    std::copy_n(block.sums, count, state.sums + from);
    std::fill_n(block.factors, block.columns, 1.0f);
  } else {
    std::transform(block.sums, block.sums + block.columns, block.factors, inverse_of);
  }
  context.kernels.block_store(block.totals, block.columns, context.head_size, block.factors, count,
                              queries.out + from);
}

// More blocks than this are worth bringing a tile's keys and values together.
constexpr size_t kBlocksToGather = 4;

// Whether rows at this stride lie in so few sets of the first cache level that a tile of them does not stay
// there: all in one or two places of every 4 KiB, as rows of a joint projection of 1,024 are.
bool share_sets(size_t stride) { return stride * sizeof(float) % 2048 == 0; }

// The tile's keys and values side by side.
KeyRun gather_tile(const StreamContext& context, const KeyRun& run, KeyRange tile, float* memory) {
  const size_t count = tile.end - tile.begin;
  const size_t width = context.head_size;
  float* const keys = memory;
  float* const values = memory + count * width;
  context.kernels.gather_rows(run.keys + tile.begin * run.key_stride, run.key_stride, count, width, keys);
  context.kernels.gather_rows(run.values + tile.begin * run.value_stride, run.value_stride, count, width,
                              values);
  return {.keys = keys, .key_stride = width, .values = values, .value_stride = width, .count = count};
}

}  // namespace

size_t most_blocks(const kernels::AttentionF32& kernels, size_t head_size) noexcept {
  return std::clamp(kBlocksMemory / (block_floats(kernels, head_size) * sizeof(float)), size_t{1},
                    kMostBlocks);
}

size_t attention_scratch_bytes(const kernels::AttentionF32& kernels, size_t head_size) noexcept {
  const size_t tile = 2 * tile_keys(most_columns(kernels)) * head_size;
  const size_t blocks = most_blocks(kernels, head_size) * block_floats(kernels, head_size);
  return (kTileScores + tile + blocks) * sizeof(float);
}

size_t block_share(const kernels::AttentionF32& kernels, size_t head_size, size_t count) noexcept {
  const size_t rest = count % kernels.lanes;
  // Vector operations per key: the block form takes two multiply-adds for each element of the head, the row
  // form two for each vector of it and about 5 more to sum across lanes, for every query.
  const size_t row_cost = rest * (2 * ((head_size + kernels.lanes - 1) / kernels.lanes) + 5);
  return row_cost < 2 * head_size ? count - rest : count;
}

void stream_piece(const StreamContext& context, const KeyRun& run, QueryRows& queries, Leave leave,
                  SoftmaxState& state) noexcept {
  const size_t head_size = context.head_size;
  const size_t share = block_share(context.kernels, head_size, queries.count);
  if (share == 0) {
    stream_rows(context, run, queries, 0, queries.count, false, state);
    if (leave == Leave::averages) finish_rows(context, queries, 0, queries.count, state);
    return;
  }
  float* const scores = context.scratch;
  float* const blocks_memory = scores + kTileScores;
  float* const tile_memory =
      blocks_memory + most_blocks(context.kernels, head_size) * block_floats(context.kernels, head_size);
  const size_t most = most_columns(context.kernels);
  Block blocks[kMostBlocks];
  size_t count = 0;
  for (size_t from = 0; from < share; from += most, ++count) {
    begin_block(context, queries, from, std::min(most, share - from), run.count,
                blocks_memory + count * block_floats(context.kernels, head_size), blocks[count]);
  }
  begin_rows(share, queries.count, state);
  bool rows_begun = false;

  const Visibility rows = visibility_of(queries, share, queries.count, run.count);
  const Visibility all = visibility_of(queries, 0, queries.count, run.count);
  const bool gathers =
      count > (share_sets(run.key_stride) || share_sets(run.value_stride) ? 1 : kBlocksToGather);
  for (size_t range = 0; range < all.range_count; ++range) {
    for_each_tile(context.team, all.ranges[range], tile_keys(blocks[0].columns), [&](KeyRange tile) {
      KeyRun near = run;
      size_t first_key = 0;
      for (size_t index = 0; index < count && !context.team.is_cancelled(); ++index) {
        if (gathers && index == 1) {
          near = gather_tile(context, run, tile, tile_memory);
          first_key = tile.begin;
        }
        Block& block = blocks[index];
        for_each_visible(block.seen, tile, [&](KeyRange seen) {
          stream_block_tile(context, near, first_key, seen, queries, scores, block);
        });
      }
      for_each_visible(rows, tile, [&](KeyRange seen) {
        stream_row_tile(context, near, first_key, seen, queries, rows, rows_begun, scores, state);
        rows_begun = true;
      });
    });
  }
  for (size_t index = 0; index < count; ++index) finish_block(context, queries, leave, blocks[index], state);
  if (!rows_begun) {
    for (size_t row = share; row < queries.count; ++row) std::fill_n(queries.out[row], head_size, 0.0f);
  }
  if (leave == Leave::averages) finish_rows(context, queries, share, queries.count, state);
}

}  // namespace weft::ops
