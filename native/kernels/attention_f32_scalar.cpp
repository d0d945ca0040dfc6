// The oracle of the attention kernels: plain loops, sums in double, compiled without vectorisation.
#include <cfloat>
#include <cmath>

#include "kernels/attention_f32.h"

namespace weft::kernels {
namespace {

// Small, so that blocks, whole vectors and remainders all occur with few queries.
constexpr size_t kLanes = 4;
constexpr float kInfinity = HUGE_VALF;
constexpr float kLowest = -FLT_MAX;
constexpr float kLog2OfE = 1.44269504f;

void gather_rows(const float* in, size_t stride, size_t count, size_t width, float* out) {
  for (size_t j = 0; j < count; ++j) {
    for (size_t d = 0; d < width; ++d) out[j * width + d] = in[j * stride + d];
  }
}

void block_pack(const float* const* rows, size_t columns, size_t head_size, float scale, float* queries) {
  for (size_t d = 0; d < head_size; ++d) {
    for (size_t q = 0; q < columns; ++q) queries[d * columns + q] = scale * rows[q][d];
  }
}

void block_scores(const float* queries, size_t columns, size_t head_size, const float* keys,
                  size_t key_stride, size_t key_count, float* scores) {
  for (size_t j = 0; j < key_count; ++j) {
    for (size_t q = 0; q < columns; ++q) {
      double sum = 0.0;
      for (size_t d = 0; d < head_size; ++d)
        sum += static_cast<double>(keys[j * key_stride + d]) * queries[d * columns + q];
      scores[j * columns + q] = static_cast<float>(sum);
    }
  }
}

// The score of query q and key j with everything that `terms` adds, or -infinity.
float with_terms(const ScoreTerms& terms, size_t q, int32_t j, float score) {
  if (terms.first != nullptr && j >= terms.prefix && (j < terms.first[q] || j >= terms.end[q]))
    return -kInfinity;
  float added = 0.0f;
  if (terms.key_bias != nullptr) added += terms.key_bias[j];
  if (terms.bias != nullptr) added += terms.bias[q][j];
  if (terms.slopes != nullptr) added += terms.slopes[q] * static_cast<float>(j - terms.positions[q]);
  float in_base_2 = kLog2OfE * added;
  if (in_base_2 == -kInfinity && added >= kLowest) in_base_2 = kLowest;
  return score + in_base_2;
}

void block_terms(const ScoreTerms& terms, size_t first_key, size_t key_count, size_t columns, float* scores) {
  for (size_t j = 0; j < key_count; ++j) {
    for (size_t q = 0; q < columns; ++q) {
      float& score = scores[j * columns + q];
      score = with_terms(terms, q, static_cast<int32_t>(first_key + j), score);
    }
  }
}

// One query's step of the online softmax; its scores are `stride` apart.
float weigh(size_t key_count, size_t stride, float* scores, float* maximum, float* sum) {
  float greatest = *maximum;
  for (size_t j = 0; j < key_count; ++j) greatest = std::fmax(greatest, scores[j * stride]);
  const double reference = greatest == -kInfinity ? 0.0 : greatest;
  const double factor = std::exp2(*maximum - reference);
  double total = factor * *sum;
  for (size_t j = 0; j < key_count; ++j) {
    const double weight = std::exp2(scores[j * stride] - reference);
    scores[j * stride] = static_cast<float>(weight);
    total += weight;
  }
  *maximum = greatest;
  *sum = static_cast<float>(total);
  return static_cast<float>(factor);
}

void block_weigh(size_t key_count, size_t columns, float* scores, float* maxima, float* sums,
                 float* factors) {
  for (size_t q = 0; q < columns; ++q)
    factors[q] = weigh(key_count, columns, scores + q, maxima + q, sums + q);
}

void block_accumulate(const float* weights, size_t columns, size_t key_count, const float* values,
                      size_t value_stride, size_t head_size, const float* factors, float* totals) {
  for (size_t d = 0; d < head_size; ++d) {
    for (size_t q = 0; q < columns; ++q) {
      float& total = totals[d * columns + q];
      double sum = factors == nullptr ? 0.0 : static_cast<double>(factors[q]) * total;
      for (size_t j = 0; j < key_count; ++j)
        sum += static_cast<double>(weights[j * columns + q]) * values[j * value_stride + d];
      total = static_cast<float>(sum);
    }
  }
}

void block_store(const float* totals, size_t columns, size_t head_size, const float* factors, size_t count,
                 float* const* rows) {
  for (size_t q = 0; q < count; ++q) {
    for (size_t d = 0; d < head_size; ++d) rows[q][d] = factors[q] * totals[d * columns + q];
  }
}

void row_scores(const float* const* rows, size_t count, size_t head_size, float scale, const float* keys,
                size_t key_stride, size_t key_count, float* scores, size_t score_stride) {
  for (size_t q = 0; q < count; ++q) {
    for (size_t j = 0; j < key_count; ++j) {
      double sum = 0.0;
      for (size_t d = 0; d < head_size; ++d)
        sum += static_cast<double>(rows[q][d]) * keys[j * key_stride + d];
      scores[q * score_stride + j] = static_cast<float>(scale * sum);
    }
  }
}

void row_terms(const ScoreTerms& terms, size_t query, size_t first_key, size_t key_count, float* scores) {
  for (size_t j = 0; j < key_count; ++j)
    scores[j] = with_terms(terms, query, static_cast<int32_t>(first_key + j), scores[j]);
}

float row_weigh(size_t key_count, float* scores, float* maximum, float* sum) {
  return weigh(key_count, 1, scores, maximum, sum);
}

void row_accumulate(const float* weights, size_t weight_stride, size_t count, size_t key_count,
                    const float* values, size_t value_stride, size_t head_size, const float* factors,
                    float* const* rows) {
  for (size_t q = 0; q < count; ++q) {
    for (size_t d = 0; d < head_size; ++d) {
      double sum = factors == nullptr ? 0.0 : static_cast<double>(factors[q]) * rows[q][d];
      for (size_t j = 0; j < key_count; ++j)
        sum += static_cast<double>(weights[q * weight_stride + j]) * values[j * value_stride + d];
      rows[q][d] = static_cast<float>(sum);
    }
  }
}

}  // namespace

const AttentionF32 attention_f32_scalar = {
    .lanes = kLanes,
    .gather_rows = &gather_rows,
    .block_pack = &block_pack,
    .block_scores = &block_scores,
    .block_terms = &block_terms,
    .block_weigh = &block_weigh,
    .block_accumulate = &block_accumulate,
    .block_store = &block_store,
    .row_scores = &row_scores,
    .row_terms = &row_terms,
    .row_weigh = &row_weigh,
    .row_accumulate = &row_accumulate,
};

}  // namespace weft::kernels
