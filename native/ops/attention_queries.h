// The queries that one piece of attention handles together: where their rows are, which keys each sees and
// what is added to its scores. Must not read scores, keys or values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/attention_f32.h"
#include "ops/attention.h"

namespace weft::ops {

// Eight blocks of 48 and what does not fill a vector beside them.
constexpr size_t kMostPieceQueries = 400;

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
  // Whether every query sees the same keys: no causal mask, no window.
  bool same_keys = false;
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

// What queries [from, to) of a piece see together.
struct Visibility {
  size_t from = 0;
  size_t to = 0;
  // Keys that some of them see: in order, without overlap.
  KeyRange ranges[2];
  size_t range_count = 0;
  // Keys that all of them see: those below `prefix` and `common`, which is empty when end <= begin.
  size_t prefix = 0;
  KeyRange common;
};

Visibility visibility_of(const QueryRows& queries, size_t from, size_t to, size_t key_count) noexcept;

// Calls visit(range) for the parts of `tile` that some of the queries see.
template <typename Visit>
void for_each_visible(const Visibility& visibility, KeyRange tile, Visit visit) {
  for (size_t at = 0; at < visibility.range_count; ++at) {
    const KeyRange& range = visibility.ranges[at];
    const KeyRange seen{std::max(tile.begin, range.begin), std::min(tile.end, range.end)};
    if (seen.begin < seen.end) visit(seen);
  }
}

// Terms of the visibility's queries for one tile; hides nothing where all of them see all of it.
kernels::ScoreTerms score_terms(const QueryRows& queries, const Visibility& visibility,
                                KeyRange tile) noexcept;

// Whether there is anything to add or to hide.
inline bool has_terms(const kernels::ScoreTerms& terms) noexcept {
  return terms.first != nullptr || terms.key_bias != nullptr || terms.bias != nullptr ||
         terms.slopes != nullptr;
}

// Gives entries [queries.count, columns) what the last query has: whole vectors read them.
void pad_queries(QueryRows& queries, size_t columns) noexcept;

}  // namespace weft::ops
