// See ops/stack_builder.h.
#include "ops/stack_builder.h"

#include <cmath>
#include <new>

namespace weft::ops {
namespace {

Precision finer(Precision precision) {
  return precision == Precision::int8 ? Precision::bf16 : Precision::f32;
}

}  // namespace

void StackBuild::run_task(size_t) noexcept {
  try {
    const Status status = load();
    if (status != Status::ok) fail(status);
  } catch (const std::bad_alloc&) {
    fail(Status::out_of_memory);
  } catch (...) {
    fail(Status::internal);
  }
}

Status StackBuild::load() {
  Team team(pool_, this);
  for (const VectorLoad& load : plan_.vectors) {
    const Status status = append_numbers(load.numbers, *load.target, detail_);
    if (status != Status::ok) return status;
  }
  for (const GateLoad& load : plan_.gates) {
    std::vector<float> value;
    const Status status = append_numbers(load.numbers, value, detail_);
    if (status != Status::ok) return status;
    *load.target =
        load.activation == Activation::tanh ? std::tanh(value.at(0)) : 1.0f / (1.0f + std::exp(-value.at(0)));
  }
  for (const LinearLoad& load : plan_.linears) {
    if (is_cancelled()) return Status::cancelled;
    const Precision precision = load.finer ? finer(plan_.precision) : plan_.precision;
    const Status status = load_linear(operators_, load, precision, team, detail_);
    if (status != Status::ok) return status;
    bytes_ += load.target->weights->bytes();
  }
  detail_ = check_definition(*plan_.definition);
  if (!detail_.empty()) return Status::invalid_argument;
  stack_ = std::make_shared<const Stack>(operators_, std::move(*plan_.definition));
  return Status::ok;
}

}  // namespace weft::ops
