// Measuring what the machine reaches, as JavaScript calls it (src/native/throughput.ts).
#pragma once

#include <napi.h>

#include "addon/async_operator.h"
#include "dispatch/kernel_table.h"

namespace weft::addon {

// measureMultiplyAdds(operations) -> { promise: Promise<{ amount, seconds }>, cancel }.
Napi::Value measure_multiply_adds(const Napi::CallbackInfo& info, OperatorQueue& queue,
                                  const dispatch::KernelTable& table);

// measureMatrixProducts(precision, operations) -> the same; precision "fp32", "bf16" or "int8".
Napi::Value measure_matrix_products(const Napi::CallbackInfo& info, OperatorQueue& queue,
                                    const dispatch::KernelTable& table);

// measureReading(tensor) -> the same, in bytes.
Napi::Value measure_reading(const Napi::CallbackInfo& info, OperatorQueue& queue,
                            const dispatch::KernelTable& table);

}  // namespace weft::addon
