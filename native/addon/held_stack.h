// A built stack in the hands of JavaScript.
#pragma once

#include <memory>

#include "addon/handle.h"
#include "ops/stack.h"

namespace weft::addon {

template <>
struct HandleKind<const ops::Stack> {
  static constexpr napi_type_tag kTag{0xa1c7e5930d4f62b8, 0x7e13b9d58c04fa26};
};

// Never null. Throws invalid_argument, released.
inline std::shared_ptr<const ops::Stack> stack_of(const Napi::Value& handle) {
  return handle_target<const ops::Stack>(handle);
}

}  // namespace weft::addon
