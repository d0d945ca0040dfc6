// Reads plain values from JavaScript and refuses what is not of the asked kind. The TypeScript wrappers have
// checked already, with better sentences; this is the last line of defence.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "addon/async_operator.h"

namespace weft::addon {

[[noreturn]] void refuse(Napi::Env env, const std::string& detail = {});

Napi::Object read_object(const Napi::Value& value);
Napi::Array read_array(const Napi::Value& value);
std::string read_text(const Napi::Value& value);
double read_number(const Napi::Value& value);
int read_integer(const Napi::Value& value);
bool is_given(const Napi::Value& value);

// A whole number from 0 to 2^53 - 1; `absent` where nothing is given.
size_t read_size(const Napi::Value& value);
size_t read_size(const Napi::Value& value, size_t absent);
bool read_flag(const Napi::Value& value);

// The elements of a typed array of exactly `length`; the array joins `keep_alive`.
template <typename Element>
Element* read_buffer(const Napi::Value& value, napi_typedarray_type type, int64_t length,
                     Napi::Array keep_alive) {
  if (!value.IsTypedArray()) refuse(value.Env());
  const auto array = value.As<Napi::TypedArray>();
  if (array.TypedArrayType() != type || length < 1 ||
      array.ElementLength() != static_cast<uint64_t>(length)) {
    refuse(value.Env());
  }
  keep_alive.Set(keep_alive.Length(), array);
  return value.As<Napi::TypedArrayOf<Element>>().Data();
}

// The same where the value may be left out: null then.
template <typename Element>
Element* read_optional_buffer(const Napi::Value& value, napi_typedarray_type type, int64_t length,
                              Napi::Array keep_alive) {
  return is_given(value) ? read_buffer<Element>(value, type, length, keep_alive) : nullptr;
}

}  // namespace weft::addon
