// The operators of the CPU, one set per table of kernels.
#pragma once

#include "dispatch/kernel_table.h"
#include "ops/operators.h"

namespace weft::ops {

// Lives as long as the process.
const Operators& cpu_operators(const dispatch::KernelTable& table);

}  // namespace weft::ops
