// See ops/attention_queries.h.
#include "ops/attention_queries.h"

#include <algorithm>

namespace weft::ops {
namespace {

size_t saturating_add(size_t a, size_t b) { return a > SIZE_MAX - b ? SIZE_MAX : a + b; }

}  // namespace

Status check_attention(const Attention& problem, const OutputRows& out) noexcept {
  constexpr size_t kMost = INT32_MAX / 2;
  const AttentionMask& mask = problem.mask;
  const bool sizes = problem.key_heads > 0 && problem.heads > 0 && problem.heads % problem.key_heads == 0 &&
                     problem.head_size >= 1 && problem.head_size <= kMostHeadSize;
  const bool numbers = problem.keys <= kMost && problem.queries <= kMost && mask.causal_offset <= kMost;
  const bool asks = problem.batch > 0 && problem.queries > 0;
  const bool rows = !asks || (problem.query.data != nullptr && out.data != nullptr);
  const bool keys =
      !asks || problem.keys == 0 || (problem.key.data != nullptr && problem.value.data != nullptr);
  return sizes && numbers && rows && keys ? Status::ok : Status::invalid_argument;
}

KeyRun key_run(const Attention& problem, size_t item, size_t key_head) noexcept {
  const auto at = [&](const HeadRows& rows) {
    return rows.data + item * rows.batch_stride + key_head * rows.head_stride;
  };
  const size_t* counts = problem.mask.key_counts;
  return {.keys = at(problem.key),
          .key_stride = problem.key.row_stride,
          .values = at(problem.value),
          .value_stride = problem.value.row_stride,
          .count = counts == nullptr ? problem.keys : std::min(counts[item], problem.keys)};
}

void gather_queries(const Attention& problem, const OutputRows& out, size_t item, size_t key_head,
                    size_t from, size_t to, QueryRows& queries) noexcept {
  const AttentionMask& mask = problem.mask;
  const size_t group = problem.heads / problem.key_heads;
  const size_t key_count =
      mask.key_counts == nullptr ? problem.keys : std::min(mask.key_counts[item], problem.keys);
  for (size_t number = from; number < to; ++number) {
    const size_t query = number / group;
    const size_t head = key_head * group + number % group;
    const size_t position = query + mask.causal_offset;
    const size_t first = position > mask.window_before ? position - mask.window_before : 0;
    size_t end = saturating_add(saturating_add(position, mask.window_after), 1);
    if (mask.causal) end = std::min(end, position + 1);
    const size_t at = queries.count++;
    queries.rows[at] = problem.query.data + item * problem.query.batch_stride +
                       query * problem.query.row_stride + head * problem.query.head_stride;
    queries.out[at] = out.data + item * out.batch_stride + query * out.row_stride + head * out.head_stride;
    queries.first[at] = static_cast<int32_t>(std::min(first, key_count));
    queries.end[at] = static_cast<int32_t>(std::min(end, key_count));
    queries.positions[at] = static_cast<int32_t>(position);
    queries.slopes[at] = mask.slopes == nullptr ? 0.0f : mask.slopes[head];
    queries.bias[at] = mask.bias == nullptr ? nullptr
                                            : mask.bias + item * mask.bias_batch_stride +
                                                  head * mask.bias_head_stride + query * mask.bias_row_stride;
  }
  queries.prefix = std::min(mask.prefix, key_count);
  queries.key_bias = mask.key_bias == nullptr ? nullptr : mask.key_bias + item * mask.key_bias_stride;
  queries.has_bias = mask.bias != nullptr;
  queries.has_slopes = mask.slopes != nullptr;
  queries.same_keys = !mask.causal && mask.window_before == kUnbounded && mask.window_after == kUnbounded;
}

void pad_queries(QueryRows& queries, size_t columns) noexcept {
  for (size_t at = queries.count; at < columns && at > 0; ++at) {
    queries.rows[at] = queries.rows[at - 1];
    queries.first[at] = queries.first[at - 1];
    queries.end[at] = queries.end[at - 1];
    queries.positions[at] = queries.positions[at - 1];
    queries.slopes[at] = queries.slopes[at - 1];
    queries.bias[at] = queries.bias[at - 1];
  }
}

Visibility visibility_of(const QueryRows& queries, size_t from, size_t to, size_t key_count) noexcept {
  Visibility visibility;
  visibility.from = from;
  visibility.to = to;
  visibility.prefix = std::min(queries.prefix, key_count);
  if (from == to) return visibility;
  KeyRange window{key_count, 0};
  KeyRange common{0, key_count};
  for (size_t at = from; at < (queries.same_keys ? from + 1 : to); ++at) {
    const size_t first = static_cast<size_t>(queries.first[at]);
    const size_t end = static_cast<size_t>(queries.end[at]);
    window = {std::min(window.begin, first), std::max(window.end, end)};
    common = {std::max(common.begin, first), std::min(common.end, end)};
  }
  visibility.common = common;
  const size_t prefix = visibility.prefix;
  if (prefix > 0) visibility.ranges[visibility.range_count++] = {0, prefix};
  if (window.begin >= window.end) return visibility;
  if (prefix > 0 && window.begin <= prefix) {
    visibility.ranges[0].end = std::max(prefix, window.end);
  } else {
    visibility.ranges[visibility.range_count++] = window;
  }
  return visibility;
}

kernels::ScoreTerms score_terms(const QueryRows& queries, const Visibility& visibility,
                                KeyRange tile) noexcept {
  const size_t from = visibility.from;
  kernels::ScoreTerms terms{};
  const size_t begin = std::max(tile.begin, visibility.prefix);
  const bool all_seen =
      begin >= tile.end || (visibility.common.begin <= begin && visibility.common.end >= tile.end);
  if (!all_seen) {
    terms.first = queries.first + from;
    terms.end = queries.end + from;
    terms.prefix = static_cast<int32_t>(visibility.prefix);
  }
  terms.key_bias = queries.key_bias;
  terms.bias = queries.has_bias ? queries.bias + from : nullptr;
  terms.slopes = queries.has_slopes ? queries.slopes + from : nullptr;
  terms.positions = queries.positions + from;
  return terms;
}

}  // namespace weft::ops
