// What tells packed forms apart: variants, or builds of Weft, that pack in different ways.
#pragma once

#include <string>

#include "core/status.h"
#include "ops/operators.h"

namespace weft::ops {

// The precision and the checksum of a small matrix that the operators packed: a packed file is of use only to
// those that would have written the same. invalid_argument, out_of_memory.
Status packing_fingerprint(const Operators& operators, Precision precision,
                           std::string& fingerprint) noexcept;

}  // namespace weft::ops
