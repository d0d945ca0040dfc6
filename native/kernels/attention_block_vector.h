// The block form of kernels/attention_f32.h in Highway's portable vectors. Everything has internal linkage;
// it must not include anything but Highway and kernel headers.
//
// Both matrix products keep kGroup x kVectors sums in registers and multiply broadcast numbers of keys or
// values with vectors of queries: per step kGroup broadcasts and kVectors loads feed kGroup * kVectors
// multiply-adds.
#pragma once

#include <cfloat>
#include <cstddef>
#include <cstdint>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "kernels/attention_f32.h"
#include "kernels/exp_vector.h"
#include "kernels/transpose_vector.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Words = hn::ScalableTag<int32_t>;
using FloatVector = hn::Vec<Floats>;

constexpr size_t kLanes = HWY_LANES(float);
// 8 x 3 sums, 3 vectors of queries and a broadcast fit 32 registers; 16 hold 4 x 3.
constexpr size_t kGroup = HWY_TARGET == HWY_AVX2 ? 4 : 8;
// How many rows ahead values are asked for.
constexpr size_t kValuesAhead = 8;

// Asks for the cache lines of `size` floats, which need not exist.
HWY_INLINE void prefetch(const float* from, size_t size) {
  constexpr size_t kLineFloats = 16;
  for (size_t at = 0; at < size; at += kLineFloats) hwy::Prefetch(from + at);
}

void gather_rows(const float* in, size_t stride, size_t count, size_t width, float* out) {
  const Floats floats;
  const size_t whole = width / kLanes * kLanes;
  for (size_t j = 0; j < count; ++j) {
    const float* from = in + j * stride;
    float* to = out + j * width;
    prefetch(from + kValuesAhead * stride, width);
    for (size_t d = 0; d < whole; d += kLanes) hn::StoreU(hn::LoadU(floats, from + d), floats, to + d);
    if (whole < width)
      hn::StoreN(hn::LoadN(floats, from + whole, width - whole), floats, to + whole, width - whole);
  }
}

// Elements [d, d + width) of kLanes rows to the same rows of `queries`, side by side and scaled.
template <class Load>
HWY_INLINE void pack_square(const float* const* rows, size_t width, FloatVector scale, float* queries,
                            size_t columns, Load load) {
  const Floats floats;
  FloatVector square[kLanes];
  for (size_t i = 0; i < kLanes; ++i) square[i] = hn::Mul(scale, load(rows[i]));
  transpose_vector(floats, square);
  for (size_t i = 0; i < width; ++i) hn::Store(square[i], floats, queries + i * columns);
}

void block_pack(const float* const* rows, size_t columns, size_t head_size, float scale, float* queries) {
  const Floats floats;
  const FloatVector scales = hn::Set(floats, scale);
  for (size_t q = 0; q < columns; q += kLanes) {
    size_t d = 0;
    for (; d + kLanes <= head_size; d += kLanes) {
      pack_square(rows + q, kLanes, scales, queries + d * columns + q, columns,
                  [=](const float* row) HWY_ATTR { return hn::LoadU(floats, row + d); });
    }
    const size_t width = head_size - d;
    if (width > 0) {
      const auto mask = hn::FirstN(floats, width);
      pack_square(rows + q, width, scales, queries + d * columns + q, columns,
                  [=](const float* row) HWY_ATTR { return hn::MaskedLoad(mask, floats, row + d); });
    }
  }
}

template <size_t kKeys, size_t kVectors>
HWY_INLINE void score_keys(const float* HWY_RESTRICT queries, size_t head_size,
                           const float* HWY_RESTRICT keys, size_t key_stride, float* HWY_RESTRICT scores) {
  const Floats floats;
  FloatVector sums[kKeys][kVectors];
  for (size_t k = 0; k < kKeys; ++k) {
    for (size_t v = 0; v < kVectors; ++v) sums[k][v] = hn::Zero(floats);
  }
  for (size_t d = 0; d < head_size; ++d) {
    FloatVector query[kVectors];
    for (size_t v = 0; v < kVectors; ++v) query[v] = hn::Load(floats, queries + (d * kVectors + v) * kLanes);
    for (size_t k = 0; k < kKeys; ++k) {
      const FloatVector key = hn::Set(floats, keys[k * key_stride + d]);
      for (size_t v = 0; v < kVectors; ++v) sums[k][v] = hn::MulAdd(key, query[v], sums[k][v]);
    }
  }
  for (size_t k = 0; k < kKeys; ++k) {
    for (size_t v = 0; v < kVectors; ++v) hn::Store(sums[k][v], floats, scores + (k * kVectors + v) * kLanes);
  }
}

template <size_t kVectors>
void score_block(const float* queries, size_t head_size, const float* keys, size_t key_stride,
                 size_t key_count, float* scores) {
  size_t j = 0;
  const auto row = [&] { return keys + j * key_stride; };
  const auto target = [&] { return scores + j * kVectors * kLanes; };
  for (; j + kGroup <= key_count; j += kGroup) {
    // Keys of all heads lie side by side: the next rows are far from these and nothing else brings them.
    for (size_t k = kGroup; k < 2 * kGroup; ++k) prefetch(row() + k * key_stride, head_size);
    score_keys<kGroup, kVectors>(queries, head_size, row(), key_stride, target());
  }
  for (; j + 4 <= key_count; j += 4) score_keys<4, kVectors>(queries, head_size, row(), key_stride, target());
  for (; j + 2 <= key_count; j += 2) score_keys<2, kVectors>(queries, head_size, row(), key_stride, target());
  if (j < key_count) score_keys<1, kVectors>(queries, head_size, row(), key_stride, target());
}

void block_scores(const float* queries, size_t columns, size_t head_size, const float* keys,
                  size_t key_stride, size_t key_count, float* scores) {
  switch (columns / kLanes) {
    case 1:
      return score_block<1>(queries, head_size, keys, key_stride, key_count, scores);
    case 2:
      return score_block<2>(queries, head_size, keys, key_stride, key_count, scores);
    default:
      return score_block<3>(queries, head_size, keys, key_stride, key_count, scores);
  }
}

// What is added to scores, from base e to base 2: see ScoreTerms.
HWY_INLINE FloatVector to_base_2(FloatVector added) {
  const Floats floats;
  const FloatVector lowest = hn::Set(floats, -FLT_MAX);
  const FloatVector scaled = hn::Mul(added, hn::Set(floats, 1.44269504f));
  return hn::IfThenElse(hn::And(hn::Lt(scaled, lowest), hn::Ge(added, lowest)), lowest, scaled);
}

void block_terms(const ScoreTerms& terms, size_t first_key, size_t key_count, size_t columns, float* scores) {
  const Floats floats;
  const Words words;
  const bool slopes = terms.slopes != nullptr;
  const bool adds = slopes || terms.bias != nullptr || terms.key_bias != nullptr;
  const bool hides = terms.first != nullptr;
  for (size_t q = 0; q < columns; q += kLanes) {
    const FloatVector slope = slopes ? hn::LoadU(floats, terms.slopes + q) : hn::Zero(floats);
    const auto position = slopes ? hn::LoadU(words, terms.positions + q) : hn::Zero(words);
    const auto first = hides ? hn::LoadU(words, terms.first + q) : hn::Zero(words);
    const auto end = hides ? hn::LoadU(words, terms.end + q) : hn::Zero(words);
    // As many keys at a time as a vector has lanes: the rows of the bias are transposed in squares.
    for (size_t j = 0; j < key_count; j += kLanes) {
      const size_t width = HWY_MIN(kLanes, key_count - j);
      FloatVector square[kLanes];
      for (size_t i = 0; i < kLanes; ++i) square[i] = hn::Zero(floats);
      if (terms.bias != nullptr) {
        for (size_t i = 0; i < kLanes; ++i)
          square[i] = hn::LoadN(floats, terms.bias[q + i] + first_key + j, width);
        transpose_vector(floats, square);
      }
      for (size_t i = 0; i < width; ++i) {
        const int32_t key = static_cast<int32_t>(first_key + j + i);
        const auto number = hn::Set(words, key);
        float* at = scores + (j + i) * columns + q;
        FloatVector score = hn::Load(floats, at);
        if (adds) {
          FloatVector added = square[i];
          if (terms.key_bias != nullptr) added = hn::Add(added, hn::Set(floats, terms.key_bias[key]));
          if (slopes)
            added = hn::Add(added, hn::Mul(slope, hn::ConvertTo(floats, hn::Sub(number, position))));
          score = hn::Add(score, to_base_2(added));
        }
        if (hides && key >= terms.prefix) {
          const auto hidden = hn::Or(hn::Lt(number, first), hn::Ge(number, end));
          score = hn::IfThenElse(hn::RebindMask(floats, hidden), hn::Neg(hn::Inf(floats)), score);
        }
        hn::Store(score, floats, at);
      }
    }
  }
}

// -infinity - -infinity is not a number: rows without any visible key yet are measured from 0.
HWY_INLINE FloatVector reference_of(FloatVector maximum) {
  const Floats floats;
  return hn::IfThenZeroElse(hn::Eq(maximum, hn::Neg(hn::Inf(floats))), maximum);
}

template <size_t kVectors>
HWY_INLINE void weigh_block(size_t key_count, float* scores, float* maxima, float* sums, float* factors) {
  const Floats floats;
  FloatVector reference[kVectors];
  FloatVector sum[kVectors];
  for (size_t v = 0; v < kVectors; ++v) {
    reference[v] = hn::Load(floats, maxima + v * kLanes);
    sum[v] = hn::Zero(floats);
  }
  for (size_t j = 0; j < key_count; ++j) {
    for (size_t v = 0; v < kVectors; ++v)
      reference[v] = hn::Max(reference[v], hn::Load(floats, scores + (j * kVectors + v) * kLanes));
  }
  for (size_t v = 0; v < kVectors; ++v) {
    const FloatVector before = hn::Load(floats, maxima + v * kLanes);
    hn::Store(reference[v], floats, maxima + v * kLanes);
    reference[v] = reference_of(reference[v]);
    const FloatVector factor = exp2_nonpositive_vector(floats, hn::Sub(before, reference[v]));
    hn::Store(factor, floats, factors + v * kLanes);
  }
  for (size_t j = 0; j < key_count; ++j) {
    for (size_t v = 0; v < kVectors; ++v) {
      float* at = scores + (j * kVectors + v) * kLanes;
      const FloatVector weight = exp2_nonpositive_vector(floats, hn::Sub(hn::Load(floats, at), reference[v]));
      hn::Store(weight, floats, at);
      sum[v] = hn::Add(sum[v], weight);
    }
  }
  for (size_t v = 0; v < kVectors; ++v) {
    float* at = sums + v * kLanes;
    hn::Store(hn::MulAdd(hn::Load(floats, factors + v * kLanes), hn::Load(floats, at), sum[v]), floats, at);
  }
}

void block_weigh(size_t key_count, size_t columns, float* scores, float* maxima, float* sums,
                 float* factors) {
  switch (columns / kLanes) {
    case 1:
      return weigh_block<1>(key_count, scores, maxima, sums, factors);
    case 2:
      return weigh_block<2>(key_count, scores, maxima, sums, factors);
    default:
      return weigh_block<3>(key_count, scores, maxima, sums, factors);
  }
}

template <size_t kElements, size_t kVectors>
HWY_INLINE void accumulate_elements(const float* HWY_RESTRICT weights, size_t key_count,
                                    const float* HWY_RESTRICT values, size_t value_stride,
                                    const float* HWY_RESTRICT factors, float* HWY_RESTRICT totals) {
  const Floats floats;
  FloatVector sums[kElements][kVectors];
  for (size_t d = 0; d < kElements; ++d) {
    for (size_t v = 0; v < kVectors; ++v) {
      sums[d][v] = hn::Zero(floats);
      if (factors != nullptr) {
        sums[d][v] = hn::Mul(hn::Load(floats, factors + v * kLanes),
                             hn::Load(floats, totals + (d * kVectors + v) * kLanes));
      }
    }
  }
  for (size_t j = 0; j < key_count; ++j) {
    prefetch(values + (j + kValuesAhead) * value_stride, 1);
    FloatVector weight[kVectors];
    for (size_t v = 0; v < kVectors; ++v) weight[v] = hn::Load(floats, weights + (j * kVectors + v) * kLanes);
    for (size_t d = 0; d < kElements; ++d) {
      const FloatVector value = hn::Set(floats, values[j * value_stride + d]);
      for (size_t v = 0; v < kVectors; ++v) sums[d][v] = hn::MulAdd(value, weight[v], sums[d][v]);
    }
  }
  for (size_t d = 0; d < kElements; ++d) {
    for (size_t v = 0; v < kVectors; ++v) hn::Store(sums[d][v], floats, totals + (d * kVectors + v) * kLanes);
  }
}

template <size_t kVectors>
void accumulate_block(const float* weights, size_t key_count, const float* values, size_t value_stride,
                      size_t head_size, const float* factors, float* totals) {
  size_t d = 0;
  const auto target = [&] { return totals + d * kVectors * kLanes; };
  for (; d + kGroup <= head_size; d += kGroup)
    accumulate_elements<kGroup, kVectors>(weights, key_count, values + d, value_stride, factors, target());
  for (; d + 4 <= head_size; d += 4)
    accumulate_elements<4, kVectors>(weights, key_count, values + d, value_stride, factors, target());
  for (; d + 2 <= head_size; d += 2)
    accumulate_elements<2, kVectors>(weights, key_count, values + d, value_stride, factors, target());
  if (d < head_size)
    accumulate_elements<1, kVectors>(weights, key_count, values + d, value_stride, factors, target());
}

void block_accumulate(const float* weights, size_t columns, size_t key_count, const float* values,
                      size_t value_stride, size_t head_size, const float* factors, float* totals) {
  switch (columns / kLanes) {
    case 1:
      return accumulate_block<1>(weights, key_count, values, value_stride, head_size, factors, totals);
    case 2:
      return accumulate_block<2>(weights, key_count, values, value_stride, head_size, factors, totals);
    default:
      return accumulate_block<3>(weights, key_count, values, value_stride, head_size, factors, totals);
  }
}

// `width` elements of `count` queries, at most kLanes each, to rows[q] + d.
HWY_INLINE void store_square(const float* totals, size_t columns, size_t width, FloatVector factor,
                             size_t count, float* const* rows, size_t d) {
  const Floats floats;
  FloatVector square[kLanes];
  if (width == kLanes) {
    for (size_t i = 0; i < kLanes; ++i) square[i] = hn::Mul(factor, hn::Load(floats, totals + i * columns));
  } else {
    for (size_t i = 0; i < kLanes; ++i) {
      square[i] = hn::Zero(floats);
      if (i < width) square[i] = hn::Mul(factor, hn::Load(floats, totals + i * columns));
    }
  }
  transpose_vector(floats, square);
  if (width == kLanes && count == kLanes) {
    for (size_t i = 0; i < kLanes; ++i) hn::StoreU(square[i], floats, rows[i] + d);
  } else {
    for (size_t i = 0; i < count; ++i) hn::StoreN(square[i], floats, rows[i] + d, width);
  }
}

void block_store(const float* totals, size_t columns, size_t head_size, const float* factors, size_t count,
                 float* const* rows) {
  const Floats floats;
  for (size_t q = 0; q < count; q += kLanes) {
    const FloatVector factor = hn::Load(floats, factors + q);
    for (size_t d = 0; d < head_size; d += kLanes) {
      store_square(totals + d * columns + q, columns, HWY_MIN(kLanes, head_size - d), factor,
                   HWY_MIN(kLanes, count - q), rows + q, d);
    }
  }
}

}  // namespace
}  // namespace weft::kernels
