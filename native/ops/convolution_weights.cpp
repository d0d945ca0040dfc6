// See ops/convolution_weights.h.
#include "ops/convolution_weights.h"

#include <cmath>

namespace weft::ops {
namespace {

bool all_finite(const std::vector<float>& values) {
  for (const float value : values) {
    if (!std::isfinite(value)) return false;
  }
  return true;
}

// [inputs][group outputs][taps] as [outputs][group inputs][taps].
std::vector<float> outputs_first(const ConvolutionShape& shape, const std::vector<float>& stored) {
  const size_t taps = shape.taps(), inputs = shape.group_inputs(), outputs = shape.group_outputs();
  std::vector<float> turned(stored.size());
  for (size_t group = 0; group < shape.groups; ++group) {
    for (size_t input = 0; input < inputs; ++input) {
      for (size_t output = 0; output < outputs; ++output) {
        const float* from = stored.data() + ((group * inputs + input) * outputs + output) * taps;
        float* to = turned.data() + ((group * outputs + output) * inputs + input) * taps;
        for (size_t tap = 0; tap < taps; ++tap) to[tap] = from[tap];
      }
    }
  }
  return turned;
}

}  // namespace

bool FloatWeights::is_finite() const noexcept { return all_finite(weight) && all_finite(bias); }

FloatWeights float_weights(const ConvolutionShape& shape, const ConvolutionWeights& stored,
                           bool inputs_first) {
  const size_t taps = shape.taps();
  const size_t per_output = shape.group_inputs() * taps;
  FloatWeights floats;
  floats.weight.assign(stored.weight, stored.weight + shape.outputs * per_output);
  if (inputs_first) floats.weight = outputs_first(shape, floats.weight);
  if (stored.bias != nullptr) floats.bias.assign(stored.bias, stored.bias + shape.outputs);
  if (stored.norm != nullptr) {
    floats.bias.resize(shape.outputs);
    fold_batch_norm(*stored.norm, shape.outputs, per_output, floats.weight.data(), floats.bias.data());
  }
  return floats;
}

std::vector<float> patch_order(const float* weight, size_t outputs, size_t channels, size_t taps,
                               std::span<const size_t> chosen) {
  std::vector<float> ordered;
  ordered.reserve(outputs * chosen.size() * channels);
  for (size_t output = 0; output < outputs; ++output) {
    for (const size_t tap : chosen) {
      for (size_t channel = 0; channel < channels; ++channel) {
        ordered.push_back(weight[(output * channels + channel) * taps + tap]);
      }
    }
  }
  return ordered;
}

}  // namespace weft::ops
