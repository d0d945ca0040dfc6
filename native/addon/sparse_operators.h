// Operators on rows that are zero but in few places.
#pragma once

#include <napi.h>

#include "addon/tensor_work.h"

namespace weft::addon {

// sharpenRows({ values: Float32Array [rows * best], rows, best, power }) -> Float32Array [rows * best]
Napi::Value sharpen_rows(const Napi::CallbackInfo& info, const OperatorContext& context);

// sparseDots({ left, right, columns }) -> Float32Array [left.rows * right.rows]; both sides are { rows, best,
// places: Int32Array, values: Float32Array }, [rows * best] each
Napi::Value sparse_dots(const Napi::CallbackInfo& info, const OperatorContext& context);

}  // namespace weft::addon
