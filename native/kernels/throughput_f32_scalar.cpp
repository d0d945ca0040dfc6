// The oracle of the throughput loops.
#include "kernels/throughput_f32.h"

namespace weft::kernels {
namespace {

float multiply_adds(size_t rounds) {
  double chains[kThroughputChains];
  for (size_t k = 0; k < kThroughputChains; ++k) chains[k] = static_cast<double>(k);
  for (size_t round = 0; round < rounds; ++round) {
    for (double& chain : chains) chain = chain * 0.5 + 1.0;
  }
  double sum = 0;
  for (const double chain : chains) sum += chain;
  return static_cast<float>(sum);
}

float read(size_t count, const float* from) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += from[i];
  return static_cast<float>(sum);
}

}  // namespace

const ThroughputF32 throughput_f32_scalar = {&multiply_adds, 2 * kThroughputChains, &read};

}  // namespace weft::kernels
