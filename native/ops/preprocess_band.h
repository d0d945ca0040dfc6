// Runs some output rows of a prepared picture, start to end, in a few kilobytes of scratch: a ring of
// horizontally resampled rows stays in the first cache level, each vertical result goes straight through the
// table.
#pragma once

#include "core/operation.h"
#include "core/status.h"
#include "kernels/resample_u8.h"
#include "ops/preprocess_plan.h"

namespace weft::ops {

// Output rows [first_row, last_row) of `request`; stops early with `cancelled` when `operation` is. Bands of
// one picture may run at the same time. May throw std::bad_alloc.
Status run_band(const PictureRequest& request, const PreparedPicture& prepared,
                const kernels::ResampleU8& kernels, int first_row, int last_row, const Operation& operation);

}  // namespace weft::ops
