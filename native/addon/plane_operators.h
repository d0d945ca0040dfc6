// Operators on planes of numbers: feature maps, masks, heat maps.
#pragma once

#include <napi.h>

#include "addon/tensor_work.h"

namespace weft::addon {

// resizePlanes(tensor [..., height, width], { height, width, interpolation, alignCorners }) -> tensor
Napi::Value resize_planes(const Napi::CallbackInfo& info, const OperatorContext& context);

// encodeMasks(tensor [..., height, width], threshold) -> one { counts: Uint32Array, area, box } per plane
Napi::Value encode_masks(const Napi::CallbackInfo& info, const OperatorContext& context);

}  // namespace weft::addon
