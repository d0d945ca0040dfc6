// Attention written down as its definition, in double, one query at a time, and problems drawn for it. Only
// for test programs; must not use anything of ops/ but the description of a problem.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "ops/attention.h"

namespace weft::tests {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLowestFloat = std::numeric_limits<float>::lowest();

inline bool sees(const ops::AttentionMask& mask, size_t item, size_t query, size_t key) {
  if (mask.key_counts != nullptr && key >= mask.key_counts[item]) return false;
  if (key < mask.prefix) return true;
  const size_t position = query + mask.causal_offset;
  if (mask.causal && key > position) return false;
  if (key < position && position - key > mask.window_before) return false;
  return key <= position || key - position <= mask.window_after;
}

// What query `query` of head `head` gives over the visible keys of `problem`: a row of head_size numbers.
inline std::vector<double> attend_by_definition(const ops::Attention& problem, size_t item, size_t head,
                                                size_t query) {
  const ops::AttentionMask& mask = problem.mask;
  const size_t key_head = head / (problem.heads / problem.key_heads);
  const auto row = [&](const ops::HeadRows& rows, size_t index, size_t of_head) {
    return rows.data + item * rows.batch_stride + index * rows.row_stride + of_head * rows.head_stride;
  };
  std::vector<size_t> keys;
  std::vector<double> scores;
  for (size_t key = 0; key < problem.keys; ++key) {
    if (!sees(mask, item, query, key)) continue;
    double score = 0.0;
    for (size_t d = 0; d < problem.head_size; ++d)
      score += static_cast<double>(row(problem.query, query, head)[d]) * row(problem.key, key, key_head)[d];
    score *= problem.scale;
    if (mask.key_bias != nullptr) score += mask.key_bias[item * mask.key_bias_stride + key];
    if (mask.bias != nullptr)
      score += mask.bias[item * mask.bias_batch_stride + head * mask.bias_head_stride +
                         query * mask.bias_row_stride + key];
    if (mask.slopes != nullptr)
      score +=
          mask.slopes[head] * (static_cast<double>(key) - static_cast<double>(query + mask.causal_offset));
    // Two of the lowest floats add up to -infinity, as they do in float.
    if (std::fabs(score) > 1e30) score = static_cast<float>(score);
    keys.push_back(key);
    scores.push_back(score);
  }
  double maximum = -kInfinity;
  for (const double score : scores) maximum = std::isnan(score) ? score : std::max(maximum, score);
  std::vector<double> sums(problem.head_size, 0.0);
  double total = 0.0;
  if (maximum == -kInfinity) return sums;
  for (size_t at = 0; at < keys.size(); ++at) {
    const double weight = std::exp(scores[at] - maximum);
    total += weight;
    for (size_t d = 0; d < problem.head_size; ++d) {
      // A key at -infinity is hidden: its value does not matter.
      if (scores[at] != -kInfinity) sums[d] += weight * row(problem.value, keys[at], key_head)[d];
    }
  }
  for (double& sum : sums) sum /= total;
  return sums;
}

// Where the rows of a problem lie.
enum class Layout { separate, interleaved, cache };

// A problem and the memory it points to.
struct DrawnAttention {
  ops::Attention problem;
  std::vector<float> queries, keys, values;
  std::vector<float> key_bias, bias, slopes;
  std::vector<size_t> key_counts;

  DrawnAttention(Random& random, size_t batch, size_t heads, size_t key_heads, size_t head_size,
                 size_t query_count, size_t key_count, Layout layout) {
    problem.batch = batch;
    problem.heads = heads;
    problem.key_heads = key_heads;
    problem.head_size = head_size;
    problem.queries = query_count;
    problem.keys = key_count;
    problem.scale = 1.0f / std::sqrt(static_cast<float>(head_size));
    const size_t width = heads * head_size;
    const size_t key_width = key_heads * head_size;
    if (layout == Layout::interleaved && query_count == key_count) {
      // One matrix [rows][query | key | value], as a joint projection leaves it.
      const size_t stride = width + 2 * key_width;
      queries = random.numbers(batch * query_count * stride + 1);
      problem.query = {queries.data(), query_count * stride, stride, head_size};
      problem.key = {queries.data() + width, query_count * stride, stride, head_size};
      problem.value = {queries.data() + width + key_width, query_count * stride, stride, head_size};
      return;
    }
    queries = random.numbers(batch * query_count * width + 1);
    problem.query = {queries.data(), query_count * width, width, head_size};
    if (layout == Layout::cache) {
      // [batch][key head][capacity][head size]; what is beyond the keys must not be read.
      const size_t capacity = key_count + 5;
      const size_t head_stride = capacity * head_size;
      for (std::vector<float>* cache : {&keys, &values}) {
        cache->assign(batch * key_heads * head_stride + 1, std::nanf(""));
        for (size_t head = 0; head < batch * key_heads; ++head) {
          for (size_t at = 0; at < key_count * head_size; ++at)
            (*cache)[head * head_stride + at] = random.number();
        }
      }
      problem.key = {keys.data(), key_heads * head_stride, head_size, head_stride};
      problem.value = {values.data(), key_heads * head_stride, head_size, head_stride};
      return;
    }
    keys = random.numbers(batch * key_count * key_width + 1);
    values = random.numbers(batch * key_count * key_width + 1);
    problem.key = {keys.data(), key_count * key_width, key_width, head_size};
    problem.value = {values.data(), key_count * key_width, key_width, head_size};
  }
  DrawnAttention(const DrawnAttention&) = delete;
  DrawnAttention& operator=(const DrawnAttention&) = delete;
};

// The greatest error that compare_attention has seen, relative to 1 + |expected|.
inline double& greatest_error() {
  static double error = 0.0;
  return error;
}

// Runs `problem` and checks every number, and that nothing between the output's rows is touched.
inline void compare_attention(const dispatch::KernelTable& table, const ops::Attention& problem,
                              const std::string& what, double tolerance = 2e-6) {
  constexpr float kUntouched = 12345.0f;
  const size_t head_stride = problem.head_size + 3;
  const size_t row_stride = problem.heads * head_stride + 1;
  const size_t batch_stride = problem.queries * row_stride + 2;
  std::vector<float> out(problem.batch * batch_stride + 1, kUntouched);
  Team team;
  const Status status = ops::attend(team, table, problem, out.data(), batch_stride, row_stride, head_stride);
  if (!WEFT_CHECK(status == Status::ok, what + ": " + status_message(status))) return;
  std::vector<float> left = out;
  bool right = true;
  for (size_t item = 0; item < problem.batch; ++item) {
    for (size_t query = 0; query < problem.queries; ++query) {
      for (size_t head = 0; head < problem.heads; ++head) {
        const std::vector<double> expected = attend_by_definition(problem, item, head, query);
        float* row = left.data() + item * batch_stride + query * row_stride + head * head_stride;
        for (size_t d = 0; d < problem.head_size; ++d) {
          const double error = std::fabs(row[d] - expected[d]) / (1.0 + std::fabs(expected[d]));
          if (error > greatest_error()) greatest_error() = error;
          const bool near = close(row[d], expected[d], tolerance, 1e-5);
          if (!near && right) {
            std::printf("item %zu query %zu head %zu element %zu: %.9g instead of %.9g\n", item, query, head,
                        d, static_cast<double>(row[d]), expected[d]);
          }
          right = right && near;
          row[d] = kUntouched;
        }
      }
    }
  }
  WEFT_CHECK(right, what);
  WEFT_CHECK(std::all_of(left.begin(), left.end(), [](float x) { return x == kUntouched; }),
             what + ": wrote outside its rows");
}

}  // namespace weft::tests
