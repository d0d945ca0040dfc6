// See addon/throughput_operators.h.
#include "addon/throughput_operators.h"

#include "addon/tensor_operators.h"
#include "ops/throughput.h"

namespace weft::addon {
namespace {

// More would run for minutes on any machine.
constexpr double kMostOperations = 1e13;

Napi::Value measured(Napi::Env env, Operation& operation) {
  const ops::Throughput& throughput = static_cast<ops::ThroughputOperation&>(operation).throughput();
  Napi::Object result = Napi::Object::New(env);
  result.Set("amount", Napi::Number::New(env, throughput.amount));
  result.Set("seconds", Napi::Number::New(env, throughput.seconds));
  return result;
}

}  // namespace

Napi::Value measure_multiply_adds(const Napi::CallbackInfo& info, OperatorQueue& queue,
                                  const dispatch::KernelTable& table) {
  const Napi::Env env = info.Env();
  const double operations = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1.0;
  if (!(operations >= 0 && operations <= kMostOperations)) throw status_error(env, Status::invalid_argument);
  auto job = std::make_unique<ops::MultiplyAddThroughput>(table, queue.pool(), operations);
  return queue.start(env, std::move(job), Napi::Object::New(env), measured);
}

Napi::Value measure_reading(const Napi::CallbackInfo& info, OperatorQueue& queue,
                            const dispatch::KernelTable& table) {
  auto job = std::make_unique<ops::ReadThroughput>(table, queue.pool(), tensor_of(info[0]));
  return queue.start(info.Env(), std::move(job), Napi::Object::New(info.Env()), measured);
}

}  // namespace weft::addon
