// See addon/read_linear.h.
#include "addon/read_linear.h"

#include <string>
#include <utility>

#include "addon/read_weight.h"

namespace weft::addon {
namespace {

// A matrix [outputs, inputs]; a convolution [outputs, ...] counts as one.
ops::StoredMatrix read_matrix(const Napi::Value& value, bool inputs_first) {
  WeightPlace weight = read_weight(value);
  if (weight.shape.empty()) refuse(value.Env(), "tensor " + weight.numbers.name + " is no matrix");
  const size_t first = weight.shape[0];
  const size_t rest = first == 0 ? 0 : weight.numbers.count / first;
  ops::StoredMatrix matrix{std::move(weight.numbers), first, rest};
  if (inputs_first) std::swap(matrix.outputs, matrix.inputs);
  return matrix;
}

}  // namespace

ops::LinearLoad read_linear(const Napi::Value& value, ops::Linear& target) {
  const Napi::Object spec = read_object(value);
  ops::LinearLoad load;
  load.target = &target;
  load.inputs_first = read_flag(spec.Get("inputsFirst"));
  for_each(spec.Get("weight"),
           [&](const Napi::Value& weight) { load.parts.push_back(read_matrix(weight, load.inputs_first)); });
  if (is_given(spec.Get("bias"))) {
    for_each(spec.Get("bias"), [&](const Napi::Value& bias) {
      load.biases.push_back(is_given(bias) ? read_weight(bias).numbers : ops::StoredNumbers{});
    });
    if (load.biases.size() != load.parts.size()) {
      refuse(value.Env(), std::to_string(load.biases.size()) + " biases stand beside " +
                              std::to_string(load.parts.size()) + " weights");
    }
  }
  return load;
}

}  // namespace weft::addon
