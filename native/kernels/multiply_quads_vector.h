// Four products of 8-bit numbers per 32-bit lane, added to 32-bit sums, exactly. Included by *_vector.h only;
// everything has internal linkage; it must not include anything but Highway.
//
// With VNNI one instruction does it, of unsigned times signed bytes: the numbers are shifted by 128, and the
// caller subtracts 128 times the sum of the weights. Elsewhere both sides are widened to 16 bits: pmaddubsw
// would be shorter, but its 16-bit sums of two products saturate.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::ScalableTag<int32_t>;
using WordVector = hn::Vec<Words>;

// Sums while they grow. GCC sees __m512i as eight 64-bit numbers, every operation on 32-bit lanes converts
// it, and a converted register is another one: with 28 sums of 32 registers it then spills them. Its own
// vector type of 32-bit lanes needs no conversion.
#if HWY_COMPILER_GCC && HWY_ARCH_X86
typedef int32_t QuadSums __attribute__((vector_size(sizeof(WordVector))));
HWY_INLINE QuadSums start_sums() { return QuadSums{}; }
HWY_INLINE WordVector words_of(QuadSums sums) { return WordVector{(decltype(WordVector::raw))sums}; }
HWY_INLINE QuadSums sums_of(WordVector words) { return (QuadSums)words.raw; }
#else
using QuadSums = WordVector;
HWY_INLINE QuadSums start_sums() { return hn::Zero(Words()); }
HWY_INLINE WordVector words_of(QuadSums sums) { return sums; }
HWY_INLINE QuadSums sums_of(WordVector words) { return words; }
#endif

#if HWY_TARGET <= HWY_AVX3_DL

constexpr bool kShiftedNumbers = true;
// 32-bit words that hold four numbers of a row.
constexpr size_t kQuadWords = 1;

struct QuadWeights {
  WordVector bytes;
};

HWY_INLINE QuadWeights widen_weights(WordVector bytes) { return {bytes}; }

// numbers: four bytes, each shifted by 128, in every lane.
HWY_INLINE QuadSums add_quads(const WordVector* numbers, const QuadWeights& weights, QuadSums sums) {
  const Words words;
  const hn::Repartition<uint8_t, Words> unsigned_bytes;
  const hn::Repartition<int8_t, Words> signed_bytes;
  return sums_of(hn::SumOfMulQuadAccumulate(words, hn::BitCast(unsigned_bytes, numbers[0]),
                                            hn::BitCast(signed_bytes, weights.bytes), words_of(sums)));
}

#else

constexpr bool kShiftedNumbers = false;
constexpr size_t kQuadWords = 2;

// Of the four weights in a lane, the even and the odd ones as 16-bit pairs.
struct QuadWeights {
  WordVector even;
  WordVector odd;
};

HWY_INLINE QuadWeights widen_weights(WordVector bytes) {
  const Words words;
  const hn::Repartition<int16_t, Words> shorts;
  const auto pairs = hn::BitCast(shorts, bytes);
  return {hn::BitCast(words, hn::ShiftRight<8>(hn::ShiftLeft<8>(pairs))),
          hn::BitCast(words, hn::ShiftRight<8>(pairs))};
}

// numbers: 0 and 2, then 1 and 3, as 16-bit pairs in every lane.
HWY_INLINE QuadSums add_quads(const WordVector* numbers, const QuadWeights& weights, QuadSums sums) {
  const Words words;
  const hn::Repartition<int16_t, Words> shorts;
  const auto even =
      hn::WidenMulPairwiseAdd(words, hn::BitCast(shorts, numbers[0]), hn::BitCast(shorts, weights.even));
  const auto odd =
      hn::WidenMulPairwiseAdd(words, hn::BitCast(shorts, numbers[1]), hn::BitCast(shorts, weights.odd));
  return sums_of(hn::Add(words_of(sums), hn::Add(even, odd)));
}

#endif

}  // namespace
}  // namespace weft::kernels
