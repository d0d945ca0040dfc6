// Building and running stacks. See addon/stack_operators.h.
#include "addon/stack_operators.h"

#include <utility>

#include "addon/held_cache.h"
#include "addon/held_stack.h"
#include "addon/read_stack_definition.h"
#include "addon/read_stack_input.h"
#include "addon/tensor_operators.h"
#include "ops/stack_builder.h"
#include "ops/stack_run.h"

namespace weft::addon {
namespace {

// Marks a cache as in use for as long as the operation lives; made and destroyed on the JavaScript thread.
class Use {
 public:
  explicit Use(std::shared_ptr<HeldCache> held) : held_(std::move(held)) {
    if (held_ != nullptr) held_->in_use = true;
  }
  ~Use() {
    if (held_ != nullptr) held_->in_use = false;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  std::shared_ptr<HeldCache> held_;
};

Napi::Value built(Napi::Env env, Operation& operation) {
  const auto& build = static_cast<ops::StackBuild&>(operation);
  Napi::Object result = Napi::Object::New(env);
  result.Set("handle", make_handle(env, std::make_shared<HeldStack>(env, build.stack(), build.bytes())));
  result.Set("bytes", Napi::Number::New(env, static_cast<double>(build.bytes())));
  return result;
}

Napi::Value outputs(Napi::Env env, ops::StackRun& run) {
  ops::StackOutput& output = run.output();
  Napi::Object result = Napi::Object::New(env);
  if (run.wants_hidden()) result.Set("hidden", tensor_result(env, std::move(output.hidden)));
  if (output.head != nullptr) result.Set("head", tensor_result(env, std::move(output.head)));
  Napi::Array states = Napi::Array::New(env, output.hidden_states.size());
  for (size_t index = 0; index < output.hidden_states.size(); ++index) {
    states.Set(static_cast<uint32_t>(index), tensor_result(env, std::move(output.hidden_states[index])));
  }
  result.Set("hiddenStates", states);
  return result;
}

}  // namespace

Napi::Value build_stack(const Napi::CallbackInfo& info, OperatorQueue& queue,
                        const ops::Operators& operators) {
  const Napi::Env env = info.Env();
  ops::StackPlan plan = read_stack_definition(info[0], info[1]);
  auto build = std::make_unique<ops::StackBuild>(operators, queue.pool(), std::move(plan));
  return queue.start(env, std::move(build), Napi::Object::New(env), built);
}

Napi::Value run_stack(const Napi::CallbackInfo& info, OperatorQueue& queue) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<const ops::Stack> stack = stack_of(info[0]);
  const Napi::Array keep_alive = Napi::Array::New(env);
  StackRequest request = read_stack_input(*stack, info[1], keep_alive);
  auto use = std::make_shared<Use>(std::move(request.held));
  auto run = std::make_unique<ops::StackRun>(stack, queue.pool(), std::move(request.input),
                                             std::move(request.tensors));
  // The result maker lives exactly as long as the operation, failed or not.
  return queue.start(env, std::move(run), keep_alive, [use](Napi::Env result_env, Operation& operation) {
    return outputs(result_env, static_cast<ops::StackRun&>(operation));
  });
}

Napi::Value release_stack(const Napi::CallbackInfo& info) {
  release_handle<HeldStack>(info[0]);
  return info.Env().Undefined();
}

}  // namespace weft::addon
