// See ops/batch_norm.h.
#include "ops/batch_norm.h"

#include <cmath>

namespace weft::ops {

void fold_batch_norm(const BatchNorm& norm, size_t outputs, size_t count, float* weights,
                     float* bias) noexcept {
  for (size_t output = 0; output < outputs; ++output) {
    const double gain = (norm.weight == nullptr ? 1.0 : norm.weight[output]) /
                        std::sqrt(norm.variance[output] + norm.epsilon);
    float* row = weights + output * count;
    for (size_t i = 0; i < count; ++i) row[i] = static_cast<float>(row[i] * gain);
    const double shift = norm.bias == nullptr ? 0.0 : norm.bias[output];
    bias[output] = static_cast<float>((static_cast<double>(bias[output]) - norm.mean[output]) * gain + shift);
  }
}

}  // namespace weft::ops
