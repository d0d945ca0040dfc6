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

// A number of rows as a type, for functions that are compiled once per number.
template <size_t kRows>
struct Rows {
  constexpr size_t operator()() const { return kRows; }
};

// How far ahead rows of keys and values are asked for: a decoding step over 1,024 keys takes 20 % less time.
constexpr size_t kRowsAhead = 16;

// Adds neighbours until lane i of the result is the sum of all lanes of vectors[i], for as many vectors as a
// vector has lanes: first inside 128-bit blocks, then whole blocks.
HWY_INLINE FloatVector sum_each(const FloatVector (&vectors)[kLanes]) {
  const Floats floats;
  FloatVector fours[kLanes / 4];
  for (size_t g = 0; g < kLanes / 4; ++g) {
    const FloatVector* four = vectors + 4 * g;
    const FloatVector even =
        hn::Add(hn::InterleaveLower(floats, four[0], four[2]), hn::InterleaveUpper(floats, four[0], four[2]));
    const FloatVector odd =
        hn::Add(hn::InterleaveLower(floats, four[1], four[3]), hn::InterleaveUpper(floats, four[1], four[3]));
    fours[g] = hn::Add(hn::InterleaveLower(floats, even, odd), hn::InterleaveUpper(floats, even, odd));
  }
  if constexpr (kLanes == 4) {
    return fours[0];
  } else if constexpr (kLanes == 8) {
    return hn::Add(hn::ConcatLowerLower(floats, fours[1], fours[0]),
                   hn::ConcatUpperUpper(floats, fours[1], fours[0]));
  } else {
    const FloatVector even = hn::Add(hn::ConcatLowerLower(floats, fours[2], fours[0]),
                                     hn::ConcatUpperUpper(floats, fours[2], fours[0]));
    const FloatVector odd = hn::Add(hn::ConcatLowerLower(floats, fours[3], fours[1]),
                                    hn::ConcatUpperUpper(floats, fours[3], fours[1]));
    return hn::Add(hn::InterleaveEvenBlocks(floats, even, odd), hn::InterleaveOddBlocks(floats, even, odd));
  }
}

// Adds the products of one vector of elements, from element d on, of kRows rows and kKeys keys.
template <class Load, size_t kRows, size_t kKeys>
HWY_INLINE void add_products(Load load, const float* const* rows, const float* const* keys, size_t d,
                             FloatVector (&products)[kRows][kKeys]) {
  FloatVector key[kKeys];
  for (size_t k = 0; k < kKeys; ++k) key[k] = load(keys[k] + d);
  for (size_t r = 0; r < kRows; ++r) {
    const FloatVector row = load(rows[r] + d);
    for (size_t k = 0; k < kKeys; ++k) products[r][k] = hn::MulAdd(row, key[k], products[r][k]);
  }
}

// Products of kRows rows with kKeys keys as vectors whose lanes are yet to be summed.
template <size_t kRows, size_t kKeys>
HWY_INLINE void multiply_rows(const float* const* rows, size_t head_size, const float* const* keys,
                              FloatVector (&products)[kRows][kKeys]) {
  const Floats floats;
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t k = 0; k < kKeys; ++k) products[r][k] = hn::Zero(floats);
  }
  size_t d = 0;
  for (; d + kLanes <= head_size; d += kLanes)
    add_products([](const float* at) HWY_ATTR { return hn::LoadU(Floats(), at); }, rows, keys, d, products);
  const size_t rest = head_size - d;
  if (rest > 0)
    add_products([rest](const float* at) HWY_ATTR { return hn::LoadN(Floats(), at, rest); }, rows, keys, d,
                 products);
}

// Scores of kRows rows with the `width` keys from `keys` on, at most as many as make kLanes sums.
template <size_t kRows>
HWY_INLINE void score_rows(const float* const* rows, size_t head_size, FloatVector scale, const float* keys,
                           size_t key_stride, size_t width, float* scores, size_t score_stride) {
  constexpr size_t kKeys = kLanes / kRows;
  // One row meets one key at a time, in the order of memory; more rows reuse what they load.
  constexpr size_t kTogether = kRows == 1 ? 1 : HWY_MIN(kKeys, 4);
  const Floats floats;
  FloatVector sums[kLanes];
  for (size_t k = 0; k < kKeys; k += kTogether) {
    const float* key_rows[kTogether];
    // Beyond the last key it is taken again.
    for (size_t i = 0; i < kTogether; ++i) key_rows[i] = keys + HWY_MIN(k + i, width - 1) * key_stride;
    for (size_t i = 0; i < kTogether; ++i) prefetch(key_rows[i] + kRowsAhead * key_stride, head_size);
    FloatVector products[kRows][kTogether];
    multiply_rows(rows, head_size, key_rows, products);
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t i = 0; i < kTogether; ++i) sums[r * kKeys + k + i] = products[r][i];
    }
  }
  const FloatVector all = hn::Mul(sum_each(sums), scale);
  if constexpr (kRows == 1) {
    hn::StoreN(all, floats, scores, width);
  } else {
    alignas(64) float lanes[kLanes];
    hn::Store(all, floats, lanes);
    const hn::CappedTag<float, kKeys> few;
    for (size_t r = 0; r < kRows; ++r)
      hn::StoreN(hn::LoadU(few, lanes + r * kKeys), few, scores + r * score_stride, width);
  }
}

void row_scores(const float* const* rows, size_t count, size_t head_size, float scale, const float* keys,
                size_t key_stride, size_t key_count, float* scores, size_t score_stride) {
  const FloatVector scales = hn::Set(Floats(), scale);
  size_t q = 0;
  const auto score = [&](auto row_count) {
    constexpr size_t kKeys = kLanes / row_count();
    for (size_t j = 0; j < key_count; j += kKeys) {
      score_rows<row_count()>(rows + q, head_size, scales, keys + j * key_stride, key_stride,
                              HWY_MIN(kKeys, key_count - j), scores + q * score_stride + j, score_stride);
    }
    q += row_count();
  };
  while (q + 4 <= count) score(Rows<4>());
  while (q + 2 <= count) score(Rows<2>());
  if (q < count) score(Rows<1>());
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
    FloatVector added = hn::Zero(floats);
    if (key_bias != nullptr) added = hn::Add(added, hn::LoadN(floats, key_bias + j, width));
    if (bias != nullptr) added = hn::Add(added, hn::LoadN(floats, bias + j, width));
    if (terms.slopes != nullptr) {
      const auto distance = hn::ConvertTo(floats, hn::Sub(number, hn::Set(words, position)));
      added = hn::Add(added, hn::Mul(hn::Set(floats, slope), distance));
    }
    FloatVector score = hn::Add(hn::LoadN(floats, scores + j, width), to_base_2(added));
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
    const FloatVector weight = exp2_nonpositive_vector(floats, hn::Sub(score, reference));
    hn::StoreN(weight, floats, scores + j, width);
    total = hn::Add(total, weight);
  }
  const float factor = hn::GetLane(exp2_nonpositive_vector(floats, hn::Sub(before, reference)));
  *maximum = hn::GetLane(greatest);
  *sum = factor * *sum + hn::ReduceSum(floats, total);
  return factor;
}

// Adds one key's value, weighed by weights[r * weight_stride], to the sums of kRows rows.
template <size_t kRows, size_t kVectors>
HWY_INLINE void add_value(const float* weights, size_t weight_stride, const float* value, size_t value_stride,
                          hn::Mask<Floats> last, FloatVector (&sums)[kRows][kVectors]) {
  const Floats floats;
  prefetch(value + kRowsAhead * value_stride, kVectors * kLanes);
  FloatVector vectors[kVectors];
  for (size_t v = 0; v + 1 < kVectors; ++v) vectors[v] = hn::LoadU(floats, value + v * kLanes);
  vectors[kVectors - 1] = hn::MaskedLoad(last, floats, value + (kVectors - 1) * kLanes);
  for (size_t r = 0; r < kRows; ++r) {
    const FloatVector weight = hn::Set(floats, weights[r * weight_stride]);
    for (size_t v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(weight, vectors[v], sums[r][v]);
  }
}

// kVectors vectors of kRows rows, from element d of each on; the last has `width` elements.
template <size_t kRows, size_t kVectors>
HWY_INLINE void accumulate_rows(const float* weights, size_t weight_stride, size_t key_count,
                                const float* values, size_t value_stride, const float* factors,
                                float* const* rows, size_t d, size_t width) {
  const Floats floats;
  const auto last = hn::FirstN(floats, width);
  // Odd keys have their own sums where one set would be too few to keep the multipliers busy.
  FloatVector sums[kRows][kVectors];
  FloatVector odd_sums[kRows][kVectors];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = hn::Zero(floats);
      odd_sums[r][v] = hn::Zero(floats);
      if (factors == nullptr) continue;
      const float* at = rows[r] + d + v * kLanes;
      const FloatVector before = v + 1 == kVectors ? hn::MaskedLoad(last, floats, at) : hn::LoadU(floats, at);
      sums[r][v] = hn::Mul(hn::Set(floats, factors[r]), before);
    }
  }
  size_t j = 0;
  if (kRows == 1) {
    for (; j + 2 <= key_count; j += 2) {
      add_value(weights + j, weight_stride, values + j * value_stride + d, value_stride, last, sums);
      add_value(weights + j + 1, weight_stride, values + (j + 1) * value_stride + d, value_stride, last,
                odd_sums);
    }
  }
  for (; j < key_count; ++j) {
    add_value(weights + j, weight_stride, values + j * value_stride + d, value_stride, last, sums);
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      const FloatVector sum = kRows == 1 ? hn::Add(sums[r][v], odd_sums[r][v]) : sums[r][v];
      float* at = rows[r] + d + v * kLanes;
      if (v + 1 == kVectors) {
        hn::BlendedStore(sum, last, floats, at);
      } else {
        hn::StoreU(sum, floats, at);
      }
    }
  }
}

void row_accumulate(const float* weights, size_t weight_stride, size_t count, size_t key_count,
                    const float* values, size_t value_stride, size_t head_size, const float* factors,
                    float* const* rows) {
  // 16 registers hold the sums of 4 x 2 vectors, 32 those of 4 x 4.
  constexpr size_t kMost = HWY_TARGET == HWY_AVX2 ? 2 : 4;
  size_t q = 0;
  const auto accumulate = [&](auto row_count) {
    const float* factor = factors == nullptr ? nullptr : factors + q;
    const float* weight = key_count == 0 ? nullptr : weights + q * weight_stride;
    size_t d = 0;
    for (; d + kMost * kLanes <= head_size; d += kMost * kLanes)
      accumulate_rows<row_count(), kMost>(weight, weight_stride, key_count, values, value_stride, factor,
                                          rows + q, d, kLanes);
    for (; d < head_size; d += kLanes)
      accumulate_rows<row_count(), 1>(weight, weight_stride, key_count, values, value_stride, factor,
                                      rows + q, d, HWY_MIN(kLanes, head_size - d));
    q += row_count();
  };
  while (q + 4 <= count) accumulate(Rows<4>());
  while (q + 2 <= count) accumulate(Rows<2>());
  if (q < count) accumulate(Rows<1>());
}

}  // namespace
}  // namespace weft::kernels
