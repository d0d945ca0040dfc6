// Packed matrices that several stacks use at once: the same elements of the same file are packed once per
// precision.
#pragma once

#include <memory>

#include "ops/stack_builder.h"

namespace weft::ops {

// The packed form of `load`'s parts, shared where they come from a file. Returns what PackedMatrix::pack
// returns.
Status share_packed(const Operators& operators, const LinearLoad& load, Precision precision, Team& team,
                    std::shared_ptr<const PackedMatrix>& packed);

}  // namespace weft::ops
