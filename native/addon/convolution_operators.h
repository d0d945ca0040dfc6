// Convolutions as JavaScript holds them: built once, run on tensors.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/handle.h"
#include "addon/tensor_work.h"

namespace weft::addon {

// One of the two.
struct HeldConvolution {
  std::shared_ptr<const ops::Convolution> plain;
  std::shared_ptr<const ops::TransposedConvolution> transposed;
};

template <>
struct HandleKind<const HeldConvolution> {
  static constexpr napi_type_tag kTag{0x6d51f08e2bc394a7, 0x1f8ab3e670c24d95};
};

// buildConvolution(spec, precision) -> { handle }. spec: { transposed, inputs, outputs, groups, y, x, weight,
// bias?, norm?, activation }, y and x: [kernel, stride, dilation, padding before, padding after, extra];
// norm: { mean, variance, weight?, bias?, epsilon }.
Napi::Value build_convolution(const Napi::CallbackInfo& info, const OperatorContext& context);

// runConvolution(handle, tensor, { layout, residual? }) -> tensor in the same layout
Napi::Value run_convolution(const Napi::CallbackInfo& info, const OperatorContext& context);

Napi::Value release_convolution(const Napi::CallbackInfo& info);

}  // namespace weft::addon
