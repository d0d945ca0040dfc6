// Operators on the last axis of tensors: norms, softmax, activations, the place of the largest number.
#pragma once

#include <napi.h>

#include "addon/tensor_work.h"

namespace weft::addon {

// normaliseRows(tensor, { kind, weight?, bias?, epsilon }), softmaxRows(tensor),
// l2NormaliseRows(tensor, epsilon), activateRows(tensor, name) -> tensor of the same shape.
Napi::Value normalise_rows(const Napi::CallbackInfo& info, const OperatorContext& context);
Napi::Value softmax_rows(const Napi::CallbackInfo& info, const OperatorContext& context);
Napi::Value l2_normalise_rows(const Napi::CallbackInfo& info, const OperatorContext& context);
Napi::Value activate_rows(const Napi::CallbackInfo& info, const OperatorContext& context);

// argmaxRows(tensor) -> Int32Array, a number per row.
Napi::Value argmax_rows(const Napi::CallbackInfo& info, const OperatorContext& context);

}  // namespace weft::addon
