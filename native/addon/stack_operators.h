// Stacks, their caches and their runs as JavaScript calls them (src/native/stack.ts, src/native/kv-cache.ts).
#pragma once

#include <napi.h>

#include "addon/async_operator.h"
#include "ops/operators.h"

namespace weft::addon {

// buildStack(definition, precision) -> { promise: Promise<{ handle, bytes }>, cancel }.
Napi::Value build_stack(const Napi::CallbackInfo& info, OperatorQueue& queue,
                        const ops::Operators& operators);

// runStack(stack, input) -> { promise: Promise<{ hidden?, head?, hiddenStates }>, cancel }.
Napi::Value run_stack(const Napi::CallbackInfo& info, OperatorQueue& queue);

Napi::Value release_stack(const Napi::CallbackInfo& info);

// Handles of caches and trees; all throw wrong_cache's code while a run uses the handle.
Napi::Value new_cache(const Napi::CallbackInfo& info);      // (stack, batch)
Napi::Value new_tree(const Napi::CallbackInfo& info);       // (cache, branches)
Napi::Value fork_cache(const Napi::CallbackInfo& info);     // (cache)
Napi::Value cache_state(const Napi::CallbackInfo& info);    // (cache or tree) -> { batch, length }
Napi::Value crop_cache(const Napi::CallbackInfo& info);     // (cache, length)
Napi::Value reorder_cache(const Napi::CallbackInfo& info);  // (cache, items: Uint32Array)
Napi::Value clear_tree(const Napi::CallbackInfo& info);     // (tree, branches)
Napi::Value commit_tree(const Napi::CallbackInfo& info);    // (tree, branch, count)
Napi::Value read_cache(const Napi::CallbackInfo& info);     // (cache, attention) -> { keys, values }, tensors
Napi::Value release_cache(const Napi::CallbackInfo& info);  // (cache or tree)

}  // namespace weft::addon
