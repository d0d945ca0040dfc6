// Throughput loops on vectors of any width. Included by throughput_f32_<isa>.cpp only; everything has
// internal linkage.
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/throughput_f32.h"

namespace weft::kernels {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::ScalableTag<float>;
using LaneVector = hn::Vec<Lanes>;

float multiply_adds(size_t rounds) {
  const Lanes d;
  const LaneVector half = hn::Set(d, 0.5f);
  const LaneVector one = hn::Set(d, 1.0f);
  LaneVector chains[kThroughputChains];
  for (size_t k = 0; k < kThroughputChains; ++k) chains[k] = hn::Set(d, static_cast<float>(k));
  for (size_t round = 0; round < rounds; ++round) {
    HWY_UNROLL(kThroughputChains)
    for (size_t k = 0; k < kThroughputChains; ++k) chains[k] = hn::MulAdd(chains[k], half, one);
  }
  LaneVector sum = chains[0];
  for (size_t k = 1; k < kThroughputChains; ++k) sum = hn::Add(sum, chains[k]);
  return hn::GetLane(sum);
}

float read(size_t count, const float* from) {
  const Lanes d;
  const size_t lanes = hn::Lanes(d);
  constexpr size_t kSums = 8;
  LaneVector sums[kSums];
  for (LaneVector& sum : sums) sum = hn::Zero(d);
  size_t i = 0;
  for (; i + kSums * lanes <= count; i += kSums * lanes) {
    HWY_UNROLL(kSums)
    for (size_t k = 0; k < kSums; ++k) sums[k] = hn::Add(sums[k], hn::LoadU(d, from + i + k * lanes));
  }
  for (; i < count; i += lanes) {
    const size_t rest = count - i < lanes ? count - i : lanes;
    sums[0] = hn::Add(sums[0], hn::LoadN(d, from + i, rest));
  }
  for (size_t k = 1; k < kSums; ++k) sums[0] = hn::Add(sums[0], sums[k]);
  return hn::ReduceSum(d, sums[0]);
}

}  // namespace
}  // namespace weft::kernels
