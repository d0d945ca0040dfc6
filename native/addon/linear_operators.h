// Linear layers as JavaScript holds them: built once, run on tensors.
#pragma once

#include <napi.h>

#include "addon/handle.h"
#include "addon/tensor_work.h"
#include "ops/linear.h"

namespace weft::addon {

template <>
struct HandleKind<const ops::Linear> {
  static constexpr napi_type_tag kTag{0x4be05d3c9a7f1286, 0xd92c7a10f35b684e};
};

// buildLinear(spec, precision) -> { handle, inputs, outputs, bytes }
Napi::Value build_linear(const Napi::CallbackInfo& info, const OperatorContext& context);

// runLinear(handle, tensor, { activation, residual? }) -> tensor [..., outputs]
Napi::Value run_linear(const Napi::CallbackInfo& info, const OperatorContext& context);

Napi::Value release_linear(const Napi::CallbackInfo& info);

}  // namespace weft::addon
