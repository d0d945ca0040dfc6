// A built stack in the hands of JavaScript.
#pragma once

#include <memory>
#include <utility>

#include "addon/external_memory.h"
#include "addon/handle.h"
#include "ops/stack.h"

namespace weft::addon {

class HeldStack {
 public:
  // `bytes` of packed weights, those shared with other stacks included.
  HeldStack(napi_env env, std::shared_ptr<const ops::Stack> stack, size_t bytes)
      : memory_(env, bytes), stack_(std::move(stack)) {}

  const std::shared_ptr<const ops::Stack>& stack() const noexcept { return stack_; }

 private:
  ExternalMemory memory_;
  std::shared_ptr<const ops::Stack> stack_;
};

template <>
struct HandleKind<HeldStack> {
  static constexpr napi_type_tag kTag{0xa1c7e5930d4f62b8, 0x7e13b9d58c04fa26};
};

// Never null. Throws invalid_argument, released.
inline std::shared_ptr<const ops::Stack> stack_of(const Napi::Value& handle) {
  return handle_target<HeldStack>(handle)->stack();
}

}  // namespace weft::addon
