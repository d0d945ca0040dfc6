// The addon's memory as JavaScript sees it (src/native/memory.ts).
#pragma once

#include <napi.h>

namespace weft::addon {

// memoryUsage() -> { used, peak, kept, limit } in bytes.
Napi::Value memory_usage_of_addon(const Napi::CallbackInfo& info);

// Bytes from a number of JavaScript; everything beyond what can be addressed is no limit.
size_t read_memory_limit(const Napi::Value& value);

}  // namespace weft::addon
