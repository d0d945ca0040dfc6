// See addon/row_operators.h.
#include "addon/row_operators.h"

#include <utility>

#include "addon/read_named.h"
#include "addon/tensor_operators.h"

namespace weft::addon {
namespace {

// The tensor as rows of its last axis.
struct TensorRows {
  std::shared_ptr<Tensor> tensor;
  size_t rows = 0;
  size_t width = 0;
};

TensorRows read_rows(const Napi::Value& value) {
  TensorRows read = {tensor_of(value), 1, 1};
  if (!read.tensor->shape().empty()) read.width = read.tensor->shape().back();
  read.rows = read.width == 0 ? 0 : read.tensor->count() / read.width;
  return read;
}

// Numbers per column, or null where nothing is given.
std::shared_ptr<Tensor> read_columns(const Napi::Value& value, size_t width) {
  if (!is_given(value)) return nullptr;
  std::shared_ptr<Tensor> columns = tensor_of(value);
  if (columns->count() != width) throw status_error(value.Env(), Status::invalid_argument);
  return columns;
}

// Work on rows that gives a tensor of their shape; `work` is called with (team, rows, in, out).
template <typename Work>
Napi::Value start_rows(const Napi::CallbackInfo& info, const OperatorContext& context, Work work) {
  const TensorRows in = read_rows(info[0]);
  return start_tensor_work(info.Env(), context, in.tensor->shape(), [in, work](Team& team, float* out) {
    work(team, in, in.tensor->floats(), out);
    return Status::ok;
  });
}

}  // namespace

Napi::Value normalise_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  constexpr Named<ops::NormKind> kKinds[] = {{"layer", ops::NormKind::layer}, {"rms", ops::NormKind::rms}};
  const Napi::Object options = read_object(info[1]);
  const size_t width = read_rows(info[0]).width;
  const std::shared_ptr<Tensor> weight = read_columns(options.Get("weight"), width);
  const std::shared_ptr<Tensor> bias = read_columns(options.Get("bias"), width);
  const ops::Norm norm = {
      read_named(options.Get("kind"), kKinds), weight == nullptr ? nullptr : weight->floats(),
      bias == nullptr ? nullptr : bias->floats(), static_cast<float>(read_number(options.Get("epsilon")))};
  const auto work = [&operators = context.operators, norm, weight, bias](Team& team, const TensorRows& rows,
                                                                         const float* in, float* out) {
    operators.normalise_rows(team, norm, rows.rows, rows.width, in, rows.width, out, rows.width);
  };
  return start_rows(info, context, work);
}

Napi::Value softmax_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const auto work = [&operators = context.operators](Team& team, const TensorRows& rows, const float* in,
                                                     float* out) {
    operators.softmax_rows(team, rows.rows, rows.width, in, rows.width, out, rows.width);
  };
  return start_rows(info, context, work);
}

Napi::Value l2_normalise_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const auto epsilon = static_cast<float>(read_number(info[1]));
  const auto work = [&operators = context.operators, epsilon](Team& team, const TensorRows& rows,
                                                              const float* in, float* out) {
    operators.l2_normalise_rows(team, epsilon, rows.rows, rows.width, in, rows.width, out, rows.width);
  };
  return start_rows(info, context, work);
}

Napi::Value activate_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const Activation activation = read_activation(info[1]);
  const auto work = [&operators = context.operators, activation](Team& team, const TensorRows& rows,
                                                                 const float* in, float* out) {
    operators.activate_rows(team, activation, rows.rows, rows.width, in, rows.width, out, rows.width);
  };
  return start_rows(info, context, work);
}

Napi::Value argmax_rows(const Napi::CallbackInfo& info, const OperatorContext& context) {
  const TensorRows in = read_rows(info[0]);
  if (in.width == 0 || in.width > INT32_MAX) throw status_error(info.Env(), Status::invalid_argument);
  auto places = std::make_shared<std::vector<int32_t>>();
  const auto work = [&operators = context.operators, in, places](Team& team, std::string&) {
    places->resize(in.rows);
    operators.argmax_rows(team, in.rows, in.width, in.tensor->floats(), in.width, places->data());
    return Status::ok;
  };
  const auto result = [places](Napi::Env env) { return to_int_array(env, *places); };
  return start_work(info.Env(), context, work, result, Napi::Object::New(info.Env()));
}

}  // namespace weft::addon
