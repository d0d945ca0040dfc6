// Weight files as JavaScript sees them, and as those who build stacks take them from JavaScript.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/async_operator.h"
#include "addon/handle.h"
#include "ops/weight_file.h"

namespace weft::addon {

template <>
struct HandleKind<const ops::WeightFile> {
  static constexpr napi_type_tag kTag{0x5d1c3b0f6a7e4c21, 0x9b3f28d6e0a45c17};
};

// openWeights(path) -> { promise: Promise<{ handle, count, bytes }>, cancel }: maps a safetensors file and
// checks its header. `count` is how many tensors it has, `bytes` the size of the file.
Napi::Value open_weights(const Napi::CallbackInfo& info, OperatorQueue& queue);

// listWeights(handle, first, count) -> [{ name, dtype, shape, offset, bytes }], ordered by name: a slice,
// because a file may have more tensors than one turn of the event loop has time for.
Napi::Value list_weights(const Napi::CallbackInfo& info);

// readWeights(handle, name, target) -> { promise: Promise<undefined>, cancel }: the tensor's bytes into a
// Uint8Array, or its elements as float32 into a Float32Array, of exactly its length.
Napi::Value read_weights(const Napi::CallbackInfo& info, OperatorQueue& queue);

// identifyWeights(handle, hash): tells the file's SHA-256, under which its packed weights are kept on disk.
Napi::Value identify_weights(const Napi::CallbackInfo& info);

// setPackedCache(folder, mostBytes): packed weights of identified files are kept there, for the whole
// process; 0 bytes end that.
Napi::Value set_packed_cache(const Napi::CallbackInfo& info);

// storePacked() -> { promise: Promise<undefined>, cancel }: writes what was packed since to the cache.
Napi::Value store_packed(const Napi::CallbackInfo& info, OperatorQueue& queue);

// closeWeights(handle): those who still work with the file keep it mapped until they end.
Napi::Value close_weights(const Napi::CallbackInfo& info);

// The file behind a handle of openWeights; never null. Throws invalid_argument, released.
std::shared_ptr<const ops::WeightFile> weight_file_of(const Napi::Value& handle);

}  // namespace weft::addon
