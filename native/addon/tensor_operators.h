// Tensors as JavaScript holds them. V8 is told how much memory stands behind a handle, or it would not hurry
// to collect it.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/handle.h"
#include "core/tensor.h"

namespace weft::addon {

// A tensor in the hands of one environment.
class HeldTensor {
 public:
  HeldTensor(Napi::Env env, std::shared_ptr<Tensor> tensor);
  ~HeldTensor();
  HeldTensor(const HeldTensor&) = delete;
  HeldTensor& operator=(const HeldTensor&) = delete;

  const std::shared_ptr<Tensor>& tensor() const noexcept { return tensor_; }

 private:
  napi_env env_;
  std::shared_ptr<Tensor> tensor_;
};

template <>
struct HandleKind<HeldTensor> {
  static constexpr napi_type_tag kTag{0x8f0e6b1d2c7a4935, 0x41d8a6f3907be25c};
};

// { handle, shape }.
Napi::Object tensor_result(Napi::Env env, std::shared_ptr<Tensor> tensor);

// The tensor behind a handle; never null. Throws invalid_argument, released.
std::shared_ptr<Tensor> tensor_of(const Napi::Value& handle);

// tensorFrom(data: Float32Array, shape) -> handle; tensorRead(handle, into: Float32Array);
// tensorRelease(handle).
Napi::Value tensor_from(const Napi::CallbackInfo& info);
Napi::Value tensor_read(const Napi::CallbackInfo& info);
Napi::Value tensor_release(const Napi::CallbackInfo& info);

}  // namespace weft::addon
