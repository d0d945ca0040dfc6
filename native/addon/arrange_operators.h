// Moving and combining the numbers of tensors. src/native/arrange.ts is their face.
#pragma once

#include <napi.h>

#include "addon/tensor_work.h"

namespace weft::addon {

// gatherRows(tensor, rows: Int32Array, shape): its rows of the last axis in another order; -1 gives zeros.
Napi::Value gather_rows(const Napi::CallbackInfo& info, const OperatorContext& context);
// concatTensors(tensors, axis).
Napi::Value concat_tensors(const Napi::CallbackInfo& info, const OperatorContext& context);
// permuteAxes(tensor, axes).
Napi::Value permute_axes(const Napi::CallbackInfo& info, const OperatorContext& context);
// addTensors(a, b, scale), multiplyTensors(a, b): b has the shape of a or of its last axes.
Napi::Value add_tensors(const Napi::CallbackInfo& info, const OperatorContext& context);
Napi::Value multiply_tensors(const Napi::CallbackInfo& info, const OperatorContext& context);
// meanAxis(tensor, axis): the tensor without that axis.
Napi::Value mean_axis(const Napi::CallbackInfo& info, const OperatorContext& context);

}  // namespace weft::addon
