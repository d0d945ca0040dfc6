// What tells packed forms apart: variants, or builds of Weft, that pack in different ways.
#pragma once

#include <string>

#include "core/status.h"
#include "dispatch/kernel_table.h"
#include "ops/packed_matrix.h"

namespace weft::ops {

// The name of the variant and the checksum of a small matrix that its own kernels packed: a packed file is of
// use only to kernels that would have written the same. invalid_argument, out_of_memory.
Status packing_fingerprint(const dispatch::KernelTable& table, Precision precision,
                           std::string& fingerprint) noexcept;

}  // namespace weft::ops
