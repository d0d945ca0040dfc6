// See addon/tensor_operators.h.
#include "addon/tensor_operators.h"

#include <cstring>
#include <utility>
#include <vector>

#include "addon/read_value.h"

namespace weft::addon {

std::vector<size_t> read_shape(const Napi::Value& value) {
  const Napi::Array sides = read_array(value);
  std::vector<size_t> shape;
  for (uint32_t axis = 0; axis < sides.Length(); ++axis) shape.push_back(read_size(sides.Get(axis)));
  return shape;
}

Napi::Object tensor_result(Napi::Env env, std::shared_ptr<Tensor> tensor) {
  Napi::Array shape = Napi::Array::New(env);
  for (const size_t side : tensor->shape()) {
    shape.Set(shape.Length(), Napi::Number::New(env, static_cast<double>(side)));
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("handle", make_handle(env, std::make_shared<HeldTensor>(env, std::move(tensor))));
  result.Set("shape", shape);
  return result;
}

std::shared_ptr<Tensor> tensor_of(const Napi::Value& handle) {
  return handle_target<HeldTensor>(handle)->tensor();
}

Napi::Value tensor_from(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::shared_ptr<Tensor> tensor;
  const Status status = Tensor::create(DType::f32, read_shape(info[1]), tensor);
  if (status != Status::ok) throw status_error(env, status);
  if (tensor->count() > 0) {
    const auto* data = read_buffer<float>(info[0], napi_float32_array, static_cast<int64_t>(tensor->count()),
                                          Napi::Array::New(env));
    std::memcpy(tensor->data(), data, tensor->bytes());
  }
  return make_handle(env, std::make_shared<HeldTensor>(env, std::move(tensor)));
}

Napi::Value tensor_read(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Tensor> tensor = tensor_of(info[0]);
  if (tensor->count() > 0) {
    float* into = read_buffer<float>(info[1], napi_float32_array, static_cast<int64_t>(tensor->count()),
                                     Napi::Array::New(info.Env()));
    std::memcpy(into, tensor->data(), tensor->bytes());
  }
  return info.Env().Undefined();
}

Napi::Value tensor_reshape(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::shared_ptr<Tensor> view;
  const Status status = Tensor::reshape(tensor_of(info[0]), read_shape(info[1]), view);
  if (status != Status::ok) throw status_error(env, status);
  return make_handle(env, std::make_shared<HeldTensor>(env, std::move(view)));
}

Napi::Value tensor_release(const Napi::CallbackInfo& info) {
  release_handle<HeldTensor>(info[0]);
  return info.Env().Undefined();
}

}  // namespace weft::addon
