// Reads a linear layer as src/native/stack-spec.ts describes it (LinearSpec).
#pragma once

#include <napi.h>

#include "addon/read_value.h"
#include "ops/load_linear.h"

namespace weft::addon {

// Calls body(value) for the value itself, or for each element where it is a list.
template <typename Body>
void for_each(const Napi::Value& value, Body body) {
  if (!value.IsArray()) return body(value);
  const auto list = value.As<Napi::Array>();
  for (uint32_t index = 0; index < list.Length(); ++index) body(list.Get(index));
}

// Weights of files stay where they are, and the load keeps the files. Throws invalid_argument, released.
ops::LinearLoad read_linear(const Napi::Value& value, ops::Linear& target);

}  // namespace weft::addon
