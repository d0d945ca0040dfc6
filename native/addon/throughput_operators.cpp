// See addon/throughput_operators.h.
#include "addon/throughput_operators.h"

#include "addon/read_named.h"
#include "addon/tensor_operators.h"
#include "ops/matrix_throughput.h"

namespace weft::addon {
namespace {

// More would run for minutes on any machine.
constexpr double kMostOperations = 1e13;

double read_operations(const Napi::Value& value) {
  const double operations = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1.0;
  if (!(operations >= 0 && operations <= kMostOperations)) {
    throw status_error(value.Env(), Status::invalid_argument);
  }
  return operations;
}

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
  const double operations = read_operations(info[0]);
  auto job = std::make_unique<ops::MultiplyAddThroughput>(table, queue.pool(), operations);
  return queue.start(info.Env(), std::move(job), Napi::Object::New(info.Env()), measured);
}

Napi::Value measure_matrix_products(const Napi::CallbackInfo& info, OperatorQueue& queue,
                                    const dispatch::KernelTable& table) {
  const ops::Precision precision = read_precision(info[0]);
  const double operations = read_operations(info[1]);
  auto job = std::make_unique<ops::MatrixThroughput>(table, queue.pool(), precision, operations);
  return queue.start(info.Env(), std::move(job), Napi::Object::New(info.Env()), measured);
}

Napi::Value measure_reading(const Napi::CallbackInfo& info, OperatorQueue& queue,
                            const dispatch::KernelTable& table) {
  auto job = std::make_unique<ops::ReadThroughput>(table, queue.pool(), tensor_of(info[0]));
  return queue.start(info.Env(), std::move(job), Napi::Object::New(info.Env()), measured);
}

}  // namespace weft::addon
