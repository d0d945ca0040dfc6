// Reads choices that JavaScript gives by name.
#pragma once

#include <napi.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "addon/read_value.h"
#include "core/activation.h"
#include "ops/packed_matrix.h"

namespace weft::addon {

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

// Throws invalid_argument for a name that is not among them.
template <typename Value, size_t Count>
Value read_named(const Napi::Value& value, const Named<Value> (&names)[Count]) {
  const std::string text = read_text(value);
  for (const Named<Value>& entry : names) {
    if (entry.name == text) return entry.value;
  }
  refuse(value.Env(), "\"" + text + "\" is not a name the engine knows");
}

Activation read_activation(const Napi::Value& value);
ops::Precision read_precision(const Napi::Value& value);

}  // namespace weft::addon
