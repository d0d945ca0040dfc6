// kernels/exp_vector.h as functions on arrays, one table per instruction set, for exp_test alone: kernels use
// it inside other loops. Plain data and declarations only, as a kernel's signature header.
#pragma once

#include <cstddef>

namespace weft::tests {

struct ExpProbe {
  void (*exp)(const float* in, float* out, size_t count);
  void (*exp2_nonpositive)(const float* in, float* out, size_t count);
};

extern const ExpProbe exp_probe_avx2;
extern const ExpProbe exp_probe_avx512;
extern const ExpProbe exp_probe_neon;

}  // namespace weft::tests
