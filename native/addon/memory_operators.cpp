// See addon/memory_operators.h.
#include "addon/memory_operators.h"

#include <cstdint>

#include "addon/async_operator.h"
#include "core/buffer.h"

namespace weft::addon {

Napi::Value memory_usage_of_addon(const Napi::CallbackInfo& info) {
  const MemoryUsage usage = memory_usage();
  Napi::Object result = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, size_t bytes) {
    result.Set(name, Napi::Number::New(info.Env(), static_cast<double>(bytes)));
  };
  set("used", usage.used);
  set("peak", usage.peak);
  set("kept", usage.kept);
  set("limit", usage.limit);
  return result;
}

size_t read_memory_limit(const Napi::Value& value) {
  if (value.IsUndefined()) return SIZE_MAX;
  const double bytes = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0.0;
  if (!(bytes >= 1)) throw status_error(value.Env(), Status::invalid_argument);
  return bytes < static_cast<double>(SIZE_MAX) ? static_cast<size_t>(bytes) : SIZE_MAX;
}

}  // namespace weft::addon
