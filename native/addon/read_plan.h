// Reads requests from JavaScript objects into ops/preprocess_plan.h; src/native/image.ts writes them.
// Checks types and buffer lengths; ranges are checked by ops.
#pragma once

#include <napi.h>

#include "ops/preprocess_plan.h"

namespace weft::addon {

// Appends every buffer of the request to `keep_alive`. Throws a coded Napi::Error.
ops::PictureRequest read_picture_request(const Napi::Value& value, Napi::Array keep_alive);

}  // namespace weft::addon
