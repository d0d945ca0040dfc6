// Tensors as JavaScript holds them.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>
#include <vector>

#include "addon/external_memory.h"
#include "addon/handle.h"
#include "core/tensor.h"

namespace weft::addon {

// A tensor in the hands of one environment.
class HeldTensor {
 public:
  HeldTensor(napi_env env, std::shared_ptr<Tensor> tensor)
      : memory_(env, tensor->bytes()), tensor_(std::move(tensor)) {}

  const std::shared_ptr<Tensor>& tensor() const noexcept { return tensor_; }

 private:
  ExternalMemory memory_;
  std::shared_ptr<Tensor> tensor_;
};

template <>
struct HandleKind<HeldTensor> {
  static constexpr napi_type_tag kTag{0x8f0e6b1d2c7a4935, 0x41d8a6f3907be25c};
};

// Sides of a tensor, from an array of whole numbers. Throws invalid_argument.
std::vector<size_t> read_shape(const Napi::Value& value);

// { handle, shape }.
Napi::Object tensor_result(Napi::Env env, std::shared_ptr<Tensor> tensor);

// The tensor behind a handle; never null. Throws invalid_argument, released.
std::shared_ptr<Tensor> tensor_of(const Napi::Value& handle);

// tensorFrom(data: Float32Array, shape) -> handle; tensorRead(handle, into: Float32Array);
// tensorReshape(handle, shape) -> handle that shares the numbers; tensorRelease(handle).
Napi::Value tensor_from(const Napi::CallbackInfo& info);
Napi::Value tensor_read(const Napi::CallbackInfo& info);
Napi::Value tensor_reshape(const Napi::CallbackInfo& info);
Napi::Value tensor_release(const Napi::CallbackInfo& info);

}  // namespace weft::addon
