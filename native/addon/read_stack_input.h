// Reads what a run of a stack is given (NativeStackInput of src/native/loader.ts) and checks it against the
// stack.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "addon/held_cache.h"
#include "ops/stack.h"

namespace weft::addon {

struct StackRequest {
  ops::StackInput input;
  std::vector<std::shared_ptr<Tensor>> tensors;  // those that `input` points to
  std::shared_ptr<HeldCache> held;               // the cache or tree, if any
};

// Throws invalid_argument, released, wrong_cache, cache_in_use.
StackRequest read_stack_input(const ops::Stack& stack, const Napi::Value& value, Napi::Array keep_alive);

}  // namespace weft::addon
