// See ops/load_linear.h.
#include "ops/load_linear.h"

#include <cmath>
#include <cstring>

#include "core/half_float.h"
#include "ops/packed_share.h"

namespace weft::ops {
namespace {

float read_element(const StoredNumbers& numbers, size_t index) {
  const char* bytes = static_cast<const char*>(numbers.data) + index * dtype_bytes(numbers.dtype);
  if (numbers.dtype == DType::f32) {
    float value;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof(bits));
  return numbers.dtype == DType::f16 ? half_to_float(bits) : bfloat_to_float(bits);
}

Status load_biases(const LinearLoad& load, std::string& detail) {
  for (size_t part = 0; part < load.biases.size(); ++part) {
    const size_t outputs = load.parts[part].outputs;
    const StoredNumbers& bias = load.biases[part];
    if (bias.count == 0) {
      load.target->bias.resize(load.target->bias.size() + outputs, 0.0f);
      continue;
    }
    if (bias.count != outputs) {
      detail = "bias " + bias.name + " has " + std::to_string(bias.count) + " numbers for " +
               std::to_string(outputs) + " outputs";
      return Status::invalid_argument;
    }
    const Status status = append_numbers(bias, load.target->bias, detail);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

}  // namespace

Status append_numbers(const StoredNumbers& numbers, std::vector<float>& target, std::string& detail) {
  target.reserve(target.size() + numbers.count);
  for (size_t index = 0; index < numbers.count; ++index) {
    const float value = read_element(numbers, index);
    if (!std::isfinite(value)) {
      detail = "tensor " + numbers.name + " holds a number that is not finite";
      return Status::not_finite;
    }
    target.push_back(value);
  }
  return Status::ok;
}

Status load_linear(const Operators& operators, const LinearLoad& load, Precision precision, Team& team,
                   std::string& detail) {
  const Status status = share_packed(operators, load, precision, team, load.target->weights);
  if (status == Status::not_finite) {
    detail = "tensor " + load.parts.front().numbers.name +
             (load.parts.size() > 1 ? " or one stacked with it" : "") + " holds a number that is not finite";
  } else if (status == Status::bad_file) {
    detail = "the file of tensor " + load.parts.front().numbers.name + " was written to after it was opened";
  } else if (status == Status::invalid_argument) {
    detail = "tensor " + load.parts.front().numbers.name + " cannot be stacked with those after it";
  }
  return status == Status::ok ? load_biases(load, detail) : status;
}

}  // namespace weft::ops
