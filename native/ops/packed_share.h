// Packed matrices that several stacks use at once: the same elements of the same file are packed once per
// precision, and not at all where the cache on disk has them.
#pragma once

#include <memory>

#include "ops/load_linear.h"

namespace weft::ops {

// The packed form of `load`'s parts, shared where they come from a file. Returns what PackedMatrix::pack
// returns, and bad_file when a file was written to after it was opened.
Status share_packed(const Operators& operators, const LinearLoad& load, Precision precision, Team& team,
                    std::shared_ptr<const PackedMatrix>& packed);

}  // namespace weft::ops
