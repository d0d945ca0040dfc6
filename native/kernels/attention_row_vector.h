// The row form of kernels/attention_f32.h in Highway's portable vectors. Everything has internal linkage; it
// must not include anything but Highway and kernel headers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/attention_block_vector.h"
#include "kernels/attention_f32.h"
#include "kernels/exp_vector.h"

namespace weft::kernels {
namespace {

HWY_INLINE float dot(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, size_t size) {
  const Floats floats;
  FloatVector sum = hn::Zero(floats);
  size_t d = 0;
  for (; d + kLanes <= size; d += kLanes)
    sum = hn::MulAdd(hn::LoadU(floats, a + d), hn::LoadU(floats, b + d), sum);
  if (d < size) sum = hn::MulAdd(hn::LoadN(floats, a + d, size - d), hn::LoadN(floats, b + d, size - d), sum);
  return hn::ReduceSum(floats, sum);
}

void row_scores(const float* const* rows, size_t count, size_t head_size, float scale, const float* keys,
                size_t key_stride, size_t key_count, float* scores, size_t score_stride) {
  for (size_t j = 0; j < key_count; ++j) {
    for (size_t q = 0; q < count; ++q)
      scores[q * score_stride + j] = scale * dot(rows[q], keys + j * key_stride, head_size);
  }
}

void row_terms(const ScoreTerms& terms, size_t query, size_t first_key, size_t key_count, float* scores) {
  const Floats floats;
  const Words words;
  const float* bias = terms.bias == nullptr ? nullptr : terms.bias[query] + first_key;
  const float* key_bias = terms.key_bias == nullptr ? nullptr : terms.key_bias + first_key;
  const float slope = terms.slopes == nullptr ? 0.0f : terms.slopes[query];
  const int32_t position = terms.slopes == nullptr ? 0 : terms.positions[query];
  for (size_t j = 0; j < key_count; j += kLanes) {
    const size_t width = HWY_MIN(kLanes, key_count - j);
    const auto number = hn::Iota(words, static_cast<int32_t>(first_key + j));
    FloatVector score = hn::LoadN(floats, scores + j, width);
    if (key_bias != nullptr) score = hn::Add(score, hn::LoadN(floats, key_bias + j, width));
    if (bias != nullptr) score = hn::Add(score, hn::LoadN(floats, bias + j, width));
    if (terms.slopes != nullptr) {
      const auto distance = hn::ConvertTo(floats, hn::Sub(number, hn::Set(words, position)));
      score = hn::Add(score, hn::Mul(hn::Set(floats, slope), distance));
    }
    if (terms.first != nullptr) {
      const auto outside = hn::Or(hn::Lt(number, hn::Set(words, terms.first[query])),
                                  hn::Ge(number, hn::Set(words, terms.end[query])));
      const auto hidden = hn::And(outside, hn::Ge(number, hn::Set(words, terms.prefix)));
      score = hn::IfThenElse(hn::RebindMask(floats, hidden), hn::Neg(hn::Inf(floats)), score);
    }
    hn::StoreN(score, floats, scores + j, width);
  }
}

float row_weigh(size_t key_count, float* scores, float* maximum, float* sum) {
  const Floats floats;
  const FloatVector lowest = hn::Neg(hn::Inf(floats));
  const FloatVector before = hn::Set(floats, *maximum);
  FloatVector greatest = before;
  for (size_t j = 0; j < key_count; j += kLanes) {
    const size_t width = HWY_MIN(kLanes, key_count - j);
    greatest = hn::Max(greatest, hn::LoadNOr(lowest, floats, scores + j, width));
  }
  greatest = hn::MaxOfLanes(floats, greatest);
  const FloatVector reference = reference_of(greatest);
  FloatVector total = hn::Zero(floats);
  for (size_t j = 0; j < key_count; j += kLanes) {
    const size_t width = HWY_MIN(kLanes, key_count - j);
    const FloatVector score = hn::LoadNOr(lowest, floats, scores + j, width);
    const FloatVector weight = exp_vector(floats, hn::Sub(score, reference));
    hn::StoreN(weight, floats, scores + j, width);
    total = hn::Add(total, weight);
  }
  const float factor = hn::GetLane(exp_vector(floats, hn::Sub(before, reference)));
  *maximum = hn::GetLane(greatest);
  *sum = factor * *sum + hn::ReduceSum(floats, total);
  return factor;
}

// kVectors vectors of one row from element 0 of `row` and `values` on; the last has `width` elements.
template <size_t kVectors>
HWY_INLINE void accumulate_row(const float* HWY_RESTRICT weights, size_t key_count,
                               const float* HWY_RESTRICT values, size_t value_stride, const float* factor,
                               float* HWY_RESTRICT row, size_t width) {
  const Floats floats;
  constexpr size_t kLast = kVectors - 1;
  const auto mask = hn::FirstN(floats, width);
  FloatVector sums[kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    sums[v] = hn::Zero(floats);
    if (factor == nullptr) continue;
    const FloatVector before =
        v == kLast ? hn::MaskedLoad(mask, floats, row + v * kLanes) : hn::LoadU(floats, row + v * kLanes);
    sums[v] = hn::Mul(hn::Set(floats, *factor), before);
  }
  for (size_t j = 0; j < key_count; ++j) {
    const FloatVector weight = hn::Set(floats, weights[j]);
    const float* value = values + j * value_stride;
    for (size_t v = 0; v < kLast; ++v)
      sums[v] = hn::MulAdd(weight, hn::LoadU(floats, value + v * kLanes), sums[v]);
    sums[kLast] = hn::MulAdd(weight, hn::MaskedLoad(mask, floats, value + kLast * kLanes), sums[kLast]);
  }
  for (size_t v = 0; v < kLast; ++v) hn::StoreU(sums[v], floats, row + v * kLanes);
  hn::BlendedStore(sums[kLast], mask, floats, row + kLast * kLanes);
}

void row_accumulate(const float* weights, size_t weight_stride, size_t count, size_t key_count,
                    const float* values, size_t value_stride, size_t head_size, const float* factors,
                    float* const* rows) {
  constexpr size_t kStep = 4 * kLanes;
  for (size_t q = 0; q < count; ++q) {
    const float* factor = factors == nullptr ? nullptr : factors + q;
    const float* own = weights + q * weight_stride;
    size_t d = 0;
    for (; d + kStep <= head_size; d += kStep)
      accumulate_row<4>(own, key_count, values + d, value_stride, factor, rows[q] + d, kLanes);
    for (; d < head_size; d += kLanes) {
      const size_t width = HWY_MIN(kLanes, head_size - d);
      accumulate_row<1>(own, key_count, values + d, value_stride, factor, rows[q] + d, width);
    }
  }
}

}  // namespace
}  // namespace weft::kernels
