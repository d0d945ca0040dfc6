// See addon/linear_operators.h.
#include "addon/linear_operators.h"

#include <utility>

#include "addon/read_linear.h"
#include "addon/read_named.h"
#include "addon/tensor_operators.h"

namespace weft::addon {

Napi::Value build_linear(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Napi::Env env = info.Env();
  auto linear = std::make_shared<ops::Linear>();
  const ops::Precision precision = read_precision(info[1]);
  const auto work = [&operators = context.operators, linear, precision, load = read_linear(info[0], *linear)](
                        Team& team, std::string& detail) {
    return ops::load_linear(operators, load, precision, team, detail);
  };
  const auto result = [linear](Napi::Env result_env) {
    Napi::Object made = Napi::Object::New(result_env);
    const auto number = [&](size_t value) {
      return Napi::Number::New(result_env, static_cast<double>(value));
    };
    made.Set("handle", make_handle(result_env, std::shared_ptr<const ops::Linear>(linear)));
    made.Set("inputs", number(linear->inputs()));
    made.Set("outputs", number(linear->outputs()));
    made.Set("bytes", number(linear->weights->bytes()));
    return made;
  };
  return start_work(env, context, work, result, Napi::Object::New(env));
}

Napi::Value run_linear(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const std::shared_ptr<const ops::Linear> linear = handle_target<const ops::Linear>(info[0]);
  const std::shared_ptr<Tensor> in = tensor_of(info[1]);
  const Napi::Object options = read_object(info[2]);
  const Activation activation = read_activation(options.Get("activation"));
  std::shared_ptr<Tensor> residual;
  if (is_given(options.Get("residual"))) residual = tensor_of(options.Get("residual"));
  std::vector<size_t> shape = in->shape();
  if (shape.empty() || shape.back() != linear->inputs()) {
    throw status_error(info.Env(), Status::invalid_argument);
  }
  shape.back() = linear->outputs();
  if (residual != nullptr && residual->shape() != shape) {
    throw status_error(info.Env(), Status::invalid_argument);
  }
  const size_t rows = in->count() / linear->inputs();
  const auto work = [&operators = context.operators, linear, in, residual, activation, rows](Team& team,
                                                                                             float* out) {
    ops::Epilogue epilogue = linear->epilogue();
    epilogue.activation = activation;
    epilogue.residual = residual == nullptr ? nullptr : residual->floats();
    epilogue.residual_stride = linear->outputs();
    return operators.gemm(team, rows, in->floats(), linear->inputs(), *linear->weights, epilogue, out,
                          linear->outputs());
  };
  return start_tensor_work(info.Env(), context, std::move(shape), work);
}

Napi::Value release_linear(const Napi::CallbackInfo& info) {
  release_handle<const ops::Linear>(info[0]);
  return info.Env().Undefined();
}

}  // namespace weft::addon
