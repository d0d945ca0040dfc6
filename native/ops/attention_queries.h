// The queries that one piece of attention handles together: where their rows are, which keys each sees and
// what is added to its scores. Must not read scores, keys or values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention_f32.h"
#include "ops/attention.h"

namespace weft::ops {

// A whole block and what does not fill a vector beside it.
constexpr size_t kMostPieceQueries = 64;

struct OutputRows {
  float* data = nullptr;
  size_t batch_stride = 0;
  size_t row_stride = 0;
  size_t head_stride = 0;
};

// Keys and values of one key head of one item.
struct KeyRun {
  const float* keys = nullptr;
  size_t key_stride = 0;
  const float* values = nullptr;
  size_t value_stride = 0;
  size_t count = 0;
};

struct QueryRows {
  size_t count = 0;
  const float* rows[kMostPieceQueries];
  float* out[kMostPieceQueries];
  // The keys each query sees, beside those below `prefix`: first[q] <= j < end[q].
  int32_t first[kMostPieceQueries];
  int32_t end[kMostPieceQueries];
  int32_t positions[kMostPieceQueries];
  float slopes[kMostPieceQueries];
  const float* bias[kMostPieceQueries];
  size_t prefix = 0;
  const float* key_bias = nullptr;
  bool has_bias = false;
  bool has_slopes = false;
};

// A range of keys, from `begin` to before `end`.
struct KeyRange {
  size_t begin = 0;
  size_t end = 0;
};

// invalid_argument: what the header of attention asks for and does not hold, or more keys or positions than
// 31 bits count.
Status check_attention(const Attention& problem, const OutputRows& out) noexcept;

// Queries of one item that read the same key head, numbered so that neighbours see nearly the same keys:
// number = query * group + head inside the group, group = heads / key_heads.
void gather_queries(const Attention& problem, const OutputRows& out, size_t item, size_t key_head,
                    size_t from, size_t to, QueryRows& queries) noexcept;

KeyRun key_run(const Attention& problem, size_t item, size_t key_head) noexcept;

// The keys that some of the queries [from, to) see: at most two ranges, in order, without overlap. Returns
// how many.
size_t visible_ranges(const QueryRows& queries, size_t from, size_t to, size_t key_count,
                      KeyRange (&ranges)[2]) noexcept;

// Terms of the queries from `from` on for one tile; hides nothing where all of [from, to) see the whole tile.
kernels::ScoreTerms score_terms(const QueryRows& queries, size_t from, size_t to, KeyRange tile) noexcept;

// Whether there is anything to add or to hide.
inline bool has_terms(const kernels::ScoreTerms& terms) noexcept {
  return terms.first != nullptr || terms.key_bias != nullptr || terms.bias != nullptr ||
         terms.slopes != nullptr;
}

// Gives entries [queries.count, columns) what the last query has: whole vectors read them.
void pad_queries(QueryRows& queries, size_t columns) noexcept;

}  // namespace weft::ops
