// The image operators that JavaScript sees.
#pragma once

#include <napi.h>

#include "addon/async_operator.h"
#include "dispatch/kernel_table.h"

namespace weft::addon {

// preprocess(requests) -> { promise, cancel }: resizes and normalises pictures into the buffers of the
// requests.
Napi::Value preprocess(const Napi::CallbackInfo& info, OperatorQueue& queue,
                       const dispatch::KernelTable& table, unsigned threads);

}  // namespace weft::addon
