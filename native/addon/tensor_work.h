// What operators on tensors share: one piece of work on the pool, whose loops idle threads join, and the
// result it gives to JavaScript.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <vector>

#include "addon/async_operator.h"
#include "core/operation.h"
#include "core/team.h"
#include "core/tensor.h"
#include "ops/operators.h"

namespace weft::addon {

// What an operator of this environment works with; valid until the environment ends.
struct OperatorContext {
  OperatorQueue& queue;
  const ops::Operators& operators;
};

// Runs on a thread of the pool; may throw std::bad_alloc. `detail` may tell more about a failure. What it
// captures lives as long as the operation.
using TensorWork = std::function<Status(Team& team, std::string& detail)>;

// { promise, cancel }; after success the promise resolves to what `result` makes on the JavaScript thread.
// keep_alive: buffers of JavaScript that the work reads.
Napi::Value start_work(Napi::Env env, const OperatorContext& context, TensorWork work,
                       std::function<Napi::Value(Napi::Env)> result, Napi::Object keep_alive);

// The same for work that fills one new tensor of `shape`; resolves to { handle, shape }.
Napi::Value start_tensor_work(Napi::Env env, const OperatorContext& context, std::vector<size_t> shape,
                              std::function<Status(Team& team, float* out)> work);

// A copy that V8 owns.
Napi::Value to_float_array(Napi::Env env, const std::vector<float>& numbers);
Napi::Value to_int_array(Napi::Env env, const std::vector<int32_t>& numbers);
Napi::Value to_count_array(Napi::Env env, const std::vector<uint32_t>& numbers);

}  // namespace weft::addon
