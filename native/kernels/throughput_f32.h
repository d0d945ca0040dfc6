// Signature of loops that keep one unit of the processor busy and do nothing else: the most that other
// kernels could reach. Plain data and declarations only.
#pragma once

#include <cstddef>

namespace weft::kernels {

struct ThroughputF32 {
  // `rounds` rounds of multiply-adds that never leave the registers. Each lane of chain k starts at k (which
  // keeps compilers from making one of all) and goes from x to x / 2 + 1; returns one lane's sum over
  // kThroughputChains chains, which is the sum over k of 2 + (k - 2) / 2^rounds.
  float (*multiply_adds)(size_t rounds);
  // Operations of a round: a multiplication and an addition for each lane of each chain.
  size_t operations_per_round;
  // The sum of `count` floats, each read once.
  float (*read)(size_t count, const float* from);
};

// Independent chains: two units with a latency of four cycles need eight, and sixteen registers hold twelve
// and the constants.
constexpr size_t kThroughputChains = 12;

extern const ThroughputF32 throughput_f32_scalar;
extern const ThroughputF32 throughput_f32_avx2;
extern const ThroughputF32 throughput_f32_avx512;
extern const ThroughputF32 throughput_f32_neon;

}  // namespace weft::kernels
